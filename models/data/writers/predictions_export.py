"""The predictions of the run in use as a CSV, as a competition asks for them."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import numpy as np

from models.data.cells import guarded
from models.data.placing import check_space
from models.data.writers.id_matching import Match, match_ids
from models.data.writers.material import Material, Written, not_as_written
from models.data.writers.sample_submission import Style, Submission, read_submission
from models.errors import DatasetError, ProjectError
from models.ranking import paths_of, scores_now, shown_run
from models.review.classes import ClassList
from models.review.replay import classes_after
from models.review.standing import in_classes
from models.types import Event, Mask, Probs, Progress, SampleIds

_HEADER = ("id", "label")
_EVERY = 10_000  # rows
_ASKED = 64  # images, whether they are files
_NOT_SCORED = "the run has no prediction for it"


@dataclass(frozen=True)
class _Table:
    """What the file is to hold."""

    form: Submission
    predicted: Probs  # (m, k) in the order of the rows
    class_names: tuple[str, ...]  # as they are to be written

    def rows(self) -> Iterator[list[str]]:
        yield list(self.form.header)
        for text, p in zip(self.form.ids, self.predicted, strict=True):
            yield [text, *self._labels(p)]

    def _labels(self, p: Probs) -> list[str]:
        best = int(p.argmax())
        match self.form.style:
            case Style.NAME:
                return [self.class_names[best]]
            case Style.CODE:
                return [str(best)]
            case Style.SECOND:
                return [_number(p, 1)]
            case Style.ONE_HOT:
                return [str(int(code == best)) for code in self.form.columns]
        return [_number(p, code) for code in self.form.columns]


def write(path: Path, material: Material) -> Generator[Event, None, Written]:
    """Write a row for each sample asked for, or for each id of the sample submission."""
    yield Progress(0, 3, "reading the predictions")
    whole = material.whole
    classes = classes_after(whole.log, whole.notes, whole.source["class_names"])
    run, probabilities = _probabilities(material, classes)
    scored: Mask = np.asarray(np.isfinite(probabilities).all(axis=1), bool)
    if not probabilities.shape[1] or not scored.any():
        named = quote(str(material.project.path))
        raise ProjectError(
            f"run {run} predicts nothing: it had no two classes to tell apart",
            str(material.project.path),
            f"Label images of two classes, then run `winnow train {named}`.",
        )
    names = whole.class_names
    if material.options.sample:
        form, match = _following(Path(material.options.sample), material, classes, scored)
    else:
        form, match = _by_default(material, scored)
        names = tuple(map(guarded, names))  # a sample is followed to the letter instead
    table = _Table(form, probabilities[match.sample_ids], names)
    check_space(path.parent, sum(len(text) for text in form.ids) + 40 * table.predicted.size)
    yield Progress(1, 3, "writing the predictions")
    with open(path, "x", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file, delimiter=form.delimiter, lineterminator="\n")
        # The other one leaves a carriage return in a name unquoted, which ends the row.
        quoting = csv.writer(
            file, delimiter=form.delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL
        )
        for number, row in enumerate(table.rows()):
            if number % _EVERY == 0:
                yield Progress(1, 3, f"writing the predictions, {number:,} so far")
            (quoting if "\r" in "".join(row) else writer).writerow(row)
    yield Progress(2, 3, "checking the predictions")
    _check(path, table)
    of_samples = np.isin(material.whole.sample_ids, match.sample_ids)
    left_out = material.asked.sample_ids[~scored[material.asked.sample_ids]].tolist()
    unreadable = {} if material.options.sample else dict.fromkeys(left_out, _NOT_SCORED)
    details = {"run": run, "ids": match.by, "labels": form.style.value}
    how = f"{form.header[0]} is the {match.by} of an image; labels are {form.style.value}."
    whole = material.whole.take(of_samples)
    return Written(whole, how, unreadable, details, with_images=False)


def _probabilities(material: Material, classes: ClassList) -> tuple[int, Probs]:
    """What the run in use says of every sample, about the classes as they stand."""
    project = material.project
    scores = scores_now(project.runs_dir, shown_run(project), material.whole.corrected, classes)
    if scores is None:
        named = quote(str(project.path))
        raise ProjectError(
            "has no predictions yet", str(project.path), f"Run `winnow train {named}`."
        )
    found = scores.probabilities
    return scores.run, in_classes(found, scores.judge.codes, len(classes.names))


def _following(
    path: Path, material: Material, classes: ClassList, scored: Mask
) -> tuple[Submission, Match]:
    form = read_submission(path, classes)
    paths = paths_of(material.reader, material.whole.sample_ids)
    # Ids that count within a split mean those of the source, not one that was made here.
    info = material.info
    match = match_ids(form.ids, paths, {"all": info.n} if info.assignment else info.splits, path)
    without = np.flatnonzero(~scored[match.sample_ids])
    if len(without):
        row = int(without[0])
        raise DatasetError(
            f"the id {form.ids[row]!r} in row {row + 2} means an image without a prediction",
            str(path),
            "The run could not read that image; leave it out, or repair it and train again.",
        )
    return form, match


def _by_default(material: Material, scored: Mask) -> tuple[Submission, Match]:
    """Images that are files go by their paths, others by their sample ids."""
    ids: SampleIds = material.asked.sample_ids
    ids = ids[scored[ids]]
    # An image in which something is undone is no file any more, but others of its source are.
    some = ids[:: 1 + len(ids) // _ASKED] if material.info.undone else ids[:1]
    if any(material.reader.original(sample_id) is not None for sample_id in some.tolist()):
        texts, by = [guarded(path) for path in paths_of(material.reader, ids)], "path"
    else:
        texts, by = [str(i) for i in ids.tolist()], "sample id"
    return Submission(_HEADER, ",", tuple(texts), Style.NAME), Match(ids, by)


def _number(p: Probs, code: int) -> str:
    """The shortest text that tells a probability apart; a class added after the run has none."""
    return str(p[code]) if code < len(p) else "0.0"


def _check(path: Path, table: _Table) -> None:
    n_rows = 0
    with open(path, encoding="utf-8", newline="") as file:
        read = csv.reader(file, delimiter=table.form.delimiter)
        for n_rows, (found, row) in enumerate(zip(read, table.rows(), strict=False), 1):
            as_text = [cell.encode(errors="backslashreplace").decode() for cell in row]
            if found != as_text:
                raise not_as_written(f"row {n_rows}", path)
    if n_rows != len(table.form.ids) + 1:
        raise not_as_written(f"row {n_rows + 1}", path)
