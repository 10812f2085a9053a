"""The ranking of a project as a table: most suspect first, one row a sample."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np

from models.data.project import Project
from models.data.runs import SCORE_NAMES, load_scores, newest_run, run_numbers
from models.errors import ProjectError
from models.opening import Labelling, read_labelling, remembered
from models.processes.clustering import ClusterRequest, find_clusters
from models.processes.reading import ReaderClient
from models.properties import properties_now
from models.review.classes import ClassList
from models.review.columns import Columns
from models.review.decisions import Status
from models.review.disagreements import disagreements
from models.review.grouping import PER_CLASS, clusters_wanted
from models.review.opinions import Opinions, opinions, second_opinion_wanted
from models.review.ordering import LABELLING, LEARNED, Arrangement, Filters, arrange
from models.review.paths import Paths
from models.review.properties import PROPERTIES
from models.review.query import mentions, parse
from models.review.query_vocabulary import Vocabulary
from models.review.query_words import QueryError
from models.review.queues import Queue, members
from models.review.reasons import reasons
from models.review.rescore import most_likely
from models.review.standing import Judge
from models.review.verdicts import as_labelled, chances, learn_from_verdicts
from models.types import (
    UNLABELLED,
    Clustered,
    DatasetInfo,
    LabelVector,
    Probs,
    RunScores,
    SampleIds,
    Scores,
)

RANKED_BY = (*SCORE_NAMES, LEARNED, LABELLING)
_ABOUT = ("sample_id", "split", "path", "given", "predicted", "suggested", "status")
_AT_A_TIME = 10_000


@dataclass(frozen=True)
class ScoresNow:
    """What a run says of each sample, given the labels as they stand. Arrays of length n."""

    published: RunScores  # for the labels it was trained on
    judge: Judge
    suggested: LabelVector
    by_name: dict[str, Scores]

    @property
    def run(self) -> int:
        return self.published.run

    @property
    def probabilities(self) -> Probs:
        return self.published.probabilities


def scores_now(
    runs_dir: Path, run: int | None, labels: LabelVector, classes: ClassList
) -> ScoresNow | None:
    """The scores of a run, brought up to date where a label changed since or its class took in
    another one; None without any. Of classes that are gone again since they say nothing."""
    found = load_scores(runs_dir, run) if run else None
    if found is None:
        return None
    found = _within(found, classes.n_known_to(found.class_names))
    judge = Judge.of(found, classes)
    by_name = {name: np.array(values) for name, values in found.by_name.items()}
    suggested = np.array(found.suggested)
    outdated = judge.outdated(found.labels, labels)
    scores, suggested[outdated] = judge.judged(outdated, labels[outdated])
    for name, values in scores.items():
        by_name[name][outdated] = values
    return ScoresNow(found, judge, suggested, by_name)


def _within(found: RunScores, n_classes: int) -> RunScores:
    return replace(
        found,
        probabilities=found.probabilities[:, :n_classes],
        suggested=np.where(found.suggested < n_classes, found.suggested, np.int32(UNLABELLED)),
        transition=found.transition[:n_classes, :n_classes],
        prior=found.prior[:n_classes, :n_classes],
    )


def columns_by(by: str) -> tuple[str, ...]:
    """The columns of a ranking by a score: the keys of its rows, in their order."""
    return (*_ABOUT, *SCORE_NAMES, *({by} - {*SCORE_NAMES}), "reasons", "queue")


def ranking(
    project_path: Path,
    by: str = "",
    top: int | None = None,
    run: int = 0,
    queue: Queue | None = None,
    where: str = "",
) -> Iterator[dict[str, Any]]:
    """What is known of each sample, the most suspect first; all or the first `top`.

    Of a queue, its samples alone, by the score it is gone through by unless another is named.
    With `where`, those alone for which this query holds (`models.review.query`). Unscored
    samples come last. Reads the journal without a lock, so a window may be open on the
    project meanwhile.

    Raises
    ------
    ProjectError
        If the folder is no project, holds no scores of that run, no labelling order, or too few
        decisions to learn an order from, if its source has changed, or if the query cannot be
        read.
    DatasetError
        If the source cannot be read.
    """
    by, reverse = (by, False) if by else queue.order if queue else ("suspicion", False)
    project = Project(project_path, read_only=True)
    request = remembered(project)
    number = run or shown_run(project)
    if number not in run_numbers(project.runs_dir):
        raise _without_scores(project_path, run)
    reader = ReaderClient()
    try:
        opened = reader.open(request)
        info = DatasetInfo.from_message(opened.info)
        with project.journal(read_only=True) as journal:
            known = read_labelling(journal, info, opened.given)
            rows, notes = journal.rows(), journal.notes()
            said = opinions(rows, notes, known.classes)
            differing = disagreements(rows, notes, known.classes, info.n)
        scores = scores_now(project.runs_dir, number, known.labels, known.classes)
        if scores is None:
            raise _without_scores(project_path, run)
        if by == LEARNED:
            scores = _with_learned(project_path, known, scores)
        elif mentions(where, LEARNED):
            with suppress(ProjectError):  # what is not known compares with nothing
                scores = _with_learned(project_path, known, scores)
        if by == LABELLING:
            scores = _with_labelling_order(project_path, scores)
        elif mentions(where, LABELLING):
            with suppress(ProjectError):
                scores = _with_labelling_order(project_path, scores)
        columns = replace(_columns(known, scores, said), disagreeing=differing.open)
        if where:
            columns = _asked_about(project_path, columns, where, info, known, scores, reader)
        filters = Filters(queues=frozenset([queue] if queue else []), query=where)
        order = arrange(Arrangement("filtered", filters, by, reverse), columns)[:top]
        every = {one.option: members(one, columns) for one in Queue}
        for start in range(0, len(order), _AT_A_TIME):
            ids = order[start : start + _AT_A_TIME]
            for sample, row in zip(ids, rows_of(ids, info, known, scores, reader), strict=True):
                inside = [option for option, mask in every.items() if mask[sample]]
                yield {**row, "queue": "; ".join(inside)}
    finally:
        reader.close()


def shown_run(project: Project) -> int | None:
    """The run whose scores a project shows: the one that was chosen, else the newest."""
    chosen = project.settings().get("run", 0)
    if chosen in run_numbers(project.runs_dir):
        return int(chosen)
    return newest_run(project.runs_dir)


def paths_of(reader: ReaderClient, sample_ids: SampleIds) -> list[str]:
    """The path of each sample, asked for in messages of a bounded size."""
    paths = []
    for start in range(0, len(sample_ids), _AT_A_TIME):
        paths += reader.paths(sample_ids[start : start + _AT_A_TIME])
    return paths


def ordered_by(by: str, known: Labelling, scores: ScoresNow) -> SampleIds:
    """All samples, the suspicious end first, unscored ones last.

    By suspicion, exact copies under different labels are the first, scored or not.
    """
    if by not in RANKED_BY:
        raise ValueError(f"by must be one of {', '.join(RANKED_BY)}")
    return arrange(Arrangement(sort_by=by), _columns(known, scores))


def _columns(known: Labelling, scores: ScoresNow, said: Opinions | None = None) -> Columns:
    n, evidence = len(known.labels), scores.published.evidence
    wanted = np.empty(0, np.bool_)
    if said is not None:
        about = known.given, known.status, known.classes
        wanted = second_opinion_wanted(said, scores.published, *about)
    return Columns(
        known.labels,
        known.status,
        np.zeros(n, np.uint8),
        scores.by_name,
        np.zeros(n, bool),
        evidence.copy_group,
        evidence.queue,
        wanted,
    )


def _asked_about(
    project_path: Path,
    columns: Columns,
    where: str,
    info: DatasetInfo,
    known: Labelling,
    scores: ScoresNow,
    reader: ReaderClient,
) -> Columns:
    """The columns with all that a query can name, once it can be read."""
    columns = replace(
        columns,
        splits=info.split_codes(),
        given=known.given,
        predicted=most_likely(scores.probabilities),
        suggested=scores.suggested,
        classes=known.classes,
        split_names=tuple(info.splits),
        remarks=known.remarks,
        wholesale=known.wholesale,
    )
    try:
        parse(where, replace(Vocabulary.of(columns), has_paths=True))
    except QueryError as error:
        what, _, remedy = error.sentence.partition(". ")
        place = f'in "{where}", at "{where[error.start :] or "the end"}"'
        raise ProjectError(what.rstrip("."), place, remedy) from error
    if mentions(where, *PROPERTIES):
        columns = replace(columns, properties=properties_now(project_path, info, reader).columns)
    if mentions(where, "cluster"):
        columns = replace(columns, cluster=_clusters(project_path, known, scores))
    if mentions(where, "path"):
        columns = replace(columns, paths=Paths(paths_of(reader, np.arange(info.n))))
    return columns


def _clusters(project_path: Path, known: Labelling, scores: ScoresNow) -> LabelVector:
    """The cluster of each sample, of as many as the window finds unless others are asked for."""
    n, about = len(known.labels), (scores.run, scores.published.epoch)
    wanted = clusters_wanted(PER_CLASS[1], len(known.classes.offered()), n)
    with closing(find_clusters(ClusterRequest(project_path, n, *about, wanted))) as events:
        return next(event.numbers for event in events if isinstance(event, Clustered))


def rows_of(
    ids: SampleIds,
    info: DatasetInfo,
    known: Labelling,
    scores: ScoresNow,
    reader: ReaderClient,
) -> Iterator[dict[str, Any]]:
    """What is known of each sample, by the names of the CSV's columns."""
    predicted = known.classes.standing(most_likely(np.asarray(scores.probabilities[ids])))
    splits, paths = info.split_names_of(ids), reader.paths(ids)
    standing = known.classes.standing(scores.suggested[ids])
    stands = known.labels, known.status, known.class_names
    why = reasons(ids, scores.published, scores.judge, *stands)
    for row, sample in enumerate(ids.tolist()):
        yield {
            "sample_id": sample,
            "split": splits[row],
            "path": paths[row],
            "given": _name(known, int(known.given[sample])),
            "predicted": _name(known, int(predicted[row])),
            "suggested": _name(known, int(standing[row])),
            "status": Status(known.status[sample]).name.lower(),
            **{name: _number(values[sample]) for name, values in scores.by_name.items()},
            "reasons": "; ".join(why[row]),
        }


def _with_labelling_order(project_path: Path, scores: ScoresNow) -> ScoresNow:
    labelling = scores.published.evidence.by_name.get(LABELLING)
    if labelling is None:
        raise ProjectError(
            "has no labelling order",
            str(project_path),
            "It is made by a run while there are images without a label.",
        )
    return replace(scores, by_name={**scores.by_name, LABELLING: labelling})


def _with_learned(project_path: Path, known: Labelling, scores: ScoresNow) -> ScoresNow:
    """The same with what the decisions teach as one more score.

    That is the suspicion where they show no better order.
    """
    anomaly, about = scores.by_name["anomaly"], (known.status, known.wholesale, known.classes)
    fit = learn_from_verdicts(scores.published, anomaly, known.given, *about)
    if fit.judged is None:
        raise ProjectError("has no learned order yet", str(project_path), fit.reason)
    learned = scores.by_name["suspicion"]
    if fit.learned:
        judged = known.classes.standing(known.given)
        learned = as_labelled(chances(fit), judged, known.labels)
    return replace(scores, by_name={**scores.by_name, LEARNED: learned})


def _name(known: Labelling, label: int) -> str:
    return known.class_names[label] if label >= 0 else ""


def _number(value: np.float32) -> float | None:
    return float(str(value)) if np.isfinite(value) else None  # the shortest that tells it apart


def _without_scores(project_path: Path, run: int) -> ProjectError:
    named = quote(str(project_path))
    return ProjectError(
        f"has no scores of run {run}" if run else "has no scores yet",
        str(project_path),
        f"See `winnow runs {named}`." if run else f"Run `winnow train {named}`.",
    )
