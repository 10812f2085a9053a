"""Training runs on disk: runs/<id>/run.json and arrays, each file written once.

runs/0001/
    run.json            config, seed, environment, curves, result, state; replaced whole
    epochs/0007.npy     (n,) [("probability", f4), ("prediction", i4)]: probability of the
                        label trained on, and the predicted class, one file an epoch
    scores-0002/        one set of scores, complete before its name appears; older sets
                        are deleted when a newer one is named in run.json
        probabilities.npy f4 (n, k)    embedding.npy f4 (n, d)     held_out.npy bool (n,)
        suspicion.npy loss.npy confidence.npy margin.npy anomaly.npy    f4 (n,)
        suggested.npy i4 (n,)          transition.npy prior.npy f4 (k, k)    see LabelNoise
        labels.npy i4 (n,)             the labels that were scored
        what reasons rest on; older runs lack it, and the first look all but the first two:
        copy_group.npy i4 (n,)         the first image with the same pixels, -1 without a copy
        queue.npy u1 (n,)              0 none, 1 sure and wrong, 2 sure and right, 3 unsure,
                                       4 no class fits; for the labels scored
        area_under_margin.npy forgetting.npy first_learnt.npy variance.npy    f4 (n,)
                                       over the epochs so far, of the labels scored
        neighbours.npy i4 (n, 10)      labelled images that look most alike, nearest first
        neighbour_distance.npy f4 (n, 10)       1 - cosine of the embeddings
        disagreement.npy f4 (n,)       share of these neighbours with another label
        labelling.npy f4 (n,)          in (0, 1], for images without a label; the highest are
                                       best labelled first; not there where all have a label
    labels.npy i4 (n,)      the labels the run began with; included.npy bool (n,): not excluded
    decided.npy bool (n,)   images that somebody had judged by then; older runs lack it
    roles.npy               u1 (n,): 0 unreadable, 1 only scored, 2 held out, 3 trained on,
                            4 only scored, but the weights begun with were trained on it
    first_look.npy          f4 (n, k): probabilities by the first look, for a run that goes on
    seen.json, seen_otherwise.npy    what was undone in the images it saw, and bool (n,) which of
                            them are other images now: see models.data.seen_otherwise
    map.npy, map.json          f4 (n, 2) and what it was made of: see models.data.maps
    clusters-K.npy, .json      i4 (n,) for K clusters wanted: see models.data.clusters
    checkpoint.pt, best.pt     state_dicts and numbers, loaded with weights_only=True
last_run, beside runs/      the highest number given so far, also to a run that is gone: decisions
                            name the run they were made beside, so no number is given twice
NaN (-1 for labels) stands where a sample has no score.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.placing import replace_text
from models.data.project import Project
from models.errors import ProjectError
from models.review.ordering import LABELLING
from models.types import (
    UNLABELLED,
    Evidence,
    LabelVector,
    Mask,
    RunScores,
    RunSummary,
    Scores,
    SplitAssignment,
)

SCORE_NAMES = ("suspicion", "loss", "confidence", "margin", "anomaly")
DYNAMICS = ("area_under_margin", "forgetting", "first_learnt", "variance")
EVIDENCE_SCORES = (*DYNAMICS, "disagreement")
TRACE_DTYPE = np.dtype([("probability", "<f4"), ("prediction", "<i4")])
CHECKPOINT, BEST_WEIGHTS = "checkpoint.pt", "best.pt"
_LEARNT = (3, 4)  # of roles.npy: trained on, now or by the weights begun with
SEEN_OTHERWISE = "seen_otherwise.npy"
_OF_NO_IMAGE = ("labels", "transition", "prior")  # arrays of it, or what holds without its pixels
_LAST_RUN = "last_run"
RUNNING, ENDED, STOPPED, FAILED = "running", "ended", "stopped", "failed"


def run_folder(runs_dir: Path, run: int) -> Path:
    return runs_dir / f"{run:04d}"


def list_runs(runs_dir: Path) -> list[RunSummary]:
    """Newest first. A run that was killed still says "running"."""
    return [_summary(runs_dir, run) for run in reversed(run_numbers(runs_dir))]


def run_numbers(runs_dir: Path) -> list[int]:
    """Every run there is, oldest first."""
    return sorted(int(folder.parent.name) for folder in runs_dir.glob("[0-9]*/run.json"))


def last_number(runs_dir: Path) -> int:
    """The highest number given so far, also to a run that is gone; 0 before the first."""
    kept = 0
    with suppress(OSError, ValueError):
        kept = int(runs_dir.with_name(_LAST_RUN).read_text())
    return max([kept, *run_numbers(runs_dir)])


def keep_number(runs_dir: Path, number: int) -> None:
    """Remember that numbers up to this one were given. Raises OSError."""
    replace_text(runs_dir.with_name(_LAST_RUN), str(number))


def number_in(runs_dir: Path, folder: Path) -> int:
    """The run of this project that a folder is of, however its path is spelled; 0 for none."""
    folder = folder.resolve()
    with suppress(OSError):  # another project, which is gone
        if folder.name.isdecimal() and folder.parent.samefile(runs_dir):
            return int(folder.name)
    return 0


def newest_run(runs_dir: Path) -> int | None:
    """The run whose scores a project shows unless another was chosen: the last that has any. One
    that was broken off does not hide one before it that was trained for longer."""
    shown, furthest = None, (0, False)
    for run in run_numbers(runs_dir):
        with suppress(ProjectError):  # a damaged one is passed over
            if scores := run_details(runs_dir, run).get("scores"):
                got = (scores["epoch"], scores.get("final", False))
                if got[1] or got >= furthest:
                    shown, furthest = run, got
    return shown


def run_with_weights(runs_dir: Path) -> int | None:
    """The run whose weights another one can begin with: the last that ended or was stopped."""
    for run in list_runs(runs_dir):
        if run.has_weights and run.state in (ENDED, STOPPED):
            return run.run
    return None


def labels_learnt(runs_dir: Path, run: int) -> LabelVector | None:
    """The labels of a run, UNLABELLED where an image was excluded; None if they are gone."""
    folder = run_folder(runs_dir, run)
    try:
        labels: LabelVector = np.load(folder / "labels.npy")
        labels[~np.load(folder / "included.npy")] = UNLABELLED
    except (OSError, ValueError, IndexError):
        return None
    return labels


def learnt_from(runs_dir: Path, run: int) -> Mask | None:
    """Which images a run, or the one whose weights it began with, trained on, (n,); None if that
    is gone."""
    try:
        learnt: Mask = np.isin(np.load(run_folder(runs_dir, run) / "roles.npy"), _LEARNT)
    except (OSError, ValueError):
        return None
    return learnt


def run_details(runs_dir: Path, run: int) -> dict[str, Any]:
    """run.json: config, environment, curves, result.

    Raises ProjectError if there is no such run, or its file is damaged.
    """
    path = run_folder(runs_dir, run) / "run.json"
    try:
        details = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ProjectError(
            "cannot be read", str(path), "Delete this run; no decision depends on it."
        ) from error
    if not isinstance(details, dict):
        raise ProjectError("is not the description of a run", str(path), "Delete this run.")
    return details


def load_scores(runs_dir: Path, run: int) -> RunScores | None:
    """The newest set of scores of a run; None if it has none yet. Images that it saw otherwise than
    the project sees them now have none."""
    scores = _named_scores(runs_dir, run)
    # A newer set may have taken the place of the one that was named a moment ago.
    return scores or _named_scores(runs_dir, run)


def seen_otherwise(runs_dir: Path, run: int) -> Mask | None:
    """(n,) the images that a run saw otherwise than its project sees them now; None: there are
    none."""
    with suppress(FileNotFoundError):
        found: Mask = np.load(run_folder(runs_dir, run) / SEEN_OTHERWISE, mmap_mode="r")
        return found
    return None


class EpochTraces:
    """The traces of a run, one file an epoch, each mapped once and then kept."""

    def __init__(self, runs_dir: Path, run: int) -> None:
        self.source = (runs_dir, run)
        self._folder = run_folder(runs_dir, run) / "epochs"
        self._epochs: dict[str, NDArray[np.void]] = {}

    def of(self, sample_id: int) -> tuple[Scores, LabelVector]:
        """How a sample fared, epoch by epoch.

        Returns
        -------
        probability : float32 (epochs,)
            Of the label it was trained on; NaN where it was not looked at.
        prediction : int32 (epochs,)
            The class the model preferred; -1 where it was not looked at.
        """
        otherwise = seen_otherwise(*self.source)
        if otherwise is not None and otherwise[sample_id]:
            return np.empty(0, np.float32), np.empty(0, np.int32)
        for file in self._folder.glob("[0-9]*.npy"):
            if file.name not in self._epochs:
                self._epochs[file.name] = np.load(file, mmap_mode="r")
        points = [self._epochs[name][sample_id] for name in sorted(self._epochs)]
        trace = np.array(points, TRACE_DTYPE)
        return trace["probability"].copy(), trace["prediction"].copy()


def split_digest(made: SplitAssignment | None) -> str:
    """Tells apart the splits that were made here, as a run keeps it; empty for the source's."""
    if made is None:
        return ""
    return hashlib.sha256(json.dumps([made.names, made.packed]).encode()).hexdigest()


def delete_run(runs_dir: Path, run: int) -> None:
    """Remove a run and everything of it but its number."""
    with suppress(OSError):  # a full disk must not keep anyone from making room
        keep_number(runs_dir, last_number(runs_dir))
    shutil.rmtree(run_folder(runs_dir, run), ignore_errors=True)


def _summary(runs_dir: Path, run: int) -> RunSummary:
    folder = run_folder(runs_dir, run)
    try:
        details = run_details(runs_dir, run)
    except ProjectError:
        details = {"state": FAILED}
    curves = details.get("curves") or [{}]
    accuracy = curves[-1].get("held_out_accuracy")
    state = details.get("state", FAILED)
    otherwise = seen_otherwise(runs_dir, run)
    n_otherwise = 0 if otherwise is None else int(otherwise.sum())
    return RunSummary(
        run=run,
        state=state,
        created=details.get("created", ""),
        epochs=len(details.get("curves", [])),
        held_out_accuracy=float("nan") if accuracy is None else accuracy,
        bytes_on_disk=sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()),
        resumable=not n_otherwise  # it would go on with a mixture
        and (state == RUNNING or (state != ENDED and (folder / CHECKPOINT).exists()))
        and not _was_split_anew(runs_dir, details),
        has_weights=(folder / CHECKPOINT).exists(),
        seen_otherwise=n_otherwise,
    )


def _was_split_anew(runs_dir: Path, details: dict[str, Any]) -> bool:
    """Whether the project has other splits than when a run began, as far as that is known."""
    began_with = details.get("split")
    if began_with is not None:
        with suppress(ProjectError):  # runs of no project, or one that nobody can open
            now = Project(runs_dir.parent, read_only=True).request()
            return now is not None and split_digest(now.assignment) != began_with
    return False


def _named_scores(runs_dir: Path, run: int) -> RunScores | None:
    details = run_details(runs_dir, run)
    named = details.get("scores")
    if not named:
        return None
    folder = run_folder(runs_dir, run) / named["folder"]
    otherwise = seen_otherwise(runs_dir, run)

    def array(name: str) -> NDArray[Any]:
        return _mapped(folder / f"{name}.npy", None if name in _OF_NO_IMAGE else otherwise)

    # Evidence first: if this set is replaced meanwhile, what is read after it is missing too.
    evidence = _evidence(folder, otherwise)
    try:
        labels = array("labels")
        return RunScores(
            run=run,
            epoch=named["epoch"],
            probabilities=array("probabilities"),
            embedding=array("embedding"),
            held_out=array("held_out"),
            suggested=array("suggested"),
            transition=array("transition"),
            prior=array("prior" if (folder / "prior.npy").exists() else "transition"),
            labels=labels,
            by_name={name: array(name) for name in SCORE_NAMES},
            evidence=replace(Evidence.none(len(labels)), **evidence, **_decided(runs_dir, run)),
            class_names=tuple(details.get("class_names", ())),
        )
    except FileNotFoundError:
        return None


def _decided(runs_dir: Path, run: int) -> dict[str, Any]:
    """What a run says of the decisions it began with, as Evidence has it."""
    try:
        return {"decided": np.load(run_folder(runs_dir, run) / "decided.npy", mmap_mode="r")}
    except FileNotFoundError:
        return {"learnt": labels_learnt(runs_dir, run)}


def _mapped(path: Path, blank: Mask | None) -> NDArray[Any]:
    """An array as it lies on disk, without what it says of some of its rows."""
    if blank is None:
        stored: NDArray[Any] = np.load(path, mmap_mode="r")
        return stored
    values: NDArray[Any] = np.load(path, mmap_mode="c")  # only what is written to is copied
    values[blank] = {"f": np.nan, "i": UNLABELLED}.get(values.dtype.kind, 0)
    values.flags.writeable = False
    return values


def _evidence(folder: Path, blank: Mask | None) -> dict[str, Any]:
    """The parts of the Evidence that are there."""
    found: dict[str, Any] = {}
    for name in ("copy_group", "queue", "neighbours", "neighbour_distance"):
        with suppress(FileNotFoundError):
            found[name] = _mapped(folder / f"{name}.npy", blank)
    scores: dict[str, Scores] = {}
    for name in (*EVIDENCE_SCORES, LABELLING):
        with suppress(FileNotFoundError):
            scores[name] = _mapped(folder / f"{name}.npy", blank)
    return {**found, "by_name": scores}
