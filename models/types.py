"""Array aliases, what a dataset and a run are in numbers, and the events of long work."""

from __future__ import annotations

import math
import zlib
from base64 import b64decode, b64encode
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

SampleIds = NDArray[np.int64]  # (m,) positions in the source, never rows of the grid
LabelVector = NDArray[np.int32]  # (n,) class codes, UNLABELLED where there is none
StatusVector = NDArray[np.uint8]  # (n,) values of review.decisions.Status
Mask = NDArray[np.bool_]  # (n,)
Probs = NDArray[np.float32]  # (n, k) rows sum to 1
Embedding = NDArray[np.float32]  # (n, d) how a net sees each image; NaN where it did not look
Scores = NDArray[np.float32]  # (n,) higher is more suspect; NaN where unscored
Pixels = NDArray[Any]  # (h, w, c) in the source's dtype, c = 1 or 3
LogRows = NDArray[np.void]  # (m,) of review.decisions.LOG_DTYPE

UNLABELLED = -1


@dataclass(frozen=True)
class SplitAssignment:
    """The split of every sample, where splits do not follow one another in the source."""

    names: tuple[str, ...]  # by code
    packed: str  # the codes, uint8 (n,), compressed, in letters, so that JSON carries them

    @classmethod
    def of(cls, names: Sequence[str], codes: NDArray[np.uint8]) -> SplitAssignment:
        packed = zlib.compress(np.ascontiguousarray(codes, np.uint8).tobytes())
        return cls(tuple(names), b64encode(packed).decode("ascii"))

    @classmethod
    def from_message(cls, message: Mapping[str, Any] | None) -> SplitAssignment | None:
        return cls(tuple(message["names"]), message["packed"]) if message else None

    def codes(self) -> NDArray[np.uint8]:
        """(n,) position of each sample's split in `names`; not to be written to."""
        return _unpacked(self.packed)


@lru_cache(maxsize=4)  # asked for with every image the inspector shows
def _unpacked(packed: str) -> NDArray[np.uint8]:
    return np.frombuffer(zlib.decompress(b64decode(packed)), np.uint8)


@dataclass(frozen=True)
class OpenRequest:
    """What a person asked to open, with the answers to what could not be guessed.

    `paths` are absolute. Empty answers mean "guess"; layout is "nhwc", "nchw" or "nhw".
    """

    paths: tuple[str, ...]
    images: str = ""  # name of the array of images
    labels: str = ""
    layout: str = ""
    shape: tuple[int, ...] = ()  # (h, w) or (h, w, c) of images that are stored as flat rows
    encoding: str = ""  # of text files that are not UTF-8
    boxes: bool = False  # COCO: one sample for each box instead of each image
    assignment: SplitAssignment | None = None  # to splits that were made here
    # What is undone in the images of which split of the source: steps of models.data.undoing.
    undone: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def answers(self) -> dict[str, Any]:
        """How the source is to be understood: everything but where it lies and what a project
        makes of it."""
        of_source = asdict(self).items()
        made_here = ("paths", "assignment", "undone")
        return {key: value for key, value in of_source if key not in made_here}

    def to_message(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> OpenRequest:
        known = {
            "paths": tuple(message["paths"]),
            "shape": tuple(message.get("shape", ())),
            "assignment": SplitAssignment.from_message(message.get("assignment")),
            "undone": dict(message.get("undone") or {}),
        }
        return cls(**{**message, **known})


@dataclass(frozen=True)
class DatasetInfo:
    """What was understood of a source; `to_message` and back is the pipe's form of it.

    Sample ids count samples in source order, splits one after another, so `splits` (name
    and size, in that order) tells the split of every sample, unless there is an `assignment`.
    """

    kind: str  # "npz", "hdf5", "winnow", "folder", ...
    name: str  # short, for the title bar: "fashion-mnist"
    n: int  # counts unreadable items
    splits: dict[str, int]
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int] | None  # (h, w, c), None if mixed
    dtype: str  # of the pixels, "uint8"
    value_range: tuple[float, float]  # measured on a sample of images
    labelled: int
    unlabelled: int
    unreadable: int
    sentence: str  # "Read as 1,797 grey images of 8x8 (array x) with 10 classes (array y)."
    warnings: tuple[str, ...] = ()
    fingerprint: dict[str, Any] = field(default_factory=dict)
    request: dict[str, Any] = field(default_factory=dict)  # OpenRequest that opens it again
    not_of_dataset: int = -1  # code of the class of images that belong to none; never learnt
    # Of files of arrays, in their order: {"split", "images", "labels", "layout"}.
    arrays: tuple[dict[str, str], ...] = ()
    assignment: SplitAssignment | None = None  # None: the splits follow one another
    undone: dict[str, Any] = field(default_factory=dict)  # as OpenRequest has it

    def to_message(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> DatasetInfo:
        shape = message["image_shape"]
        return cls(
            **{
                **message,
                "class_names": tuple(message["class_names"]),
                "image_shape": tuple(shape) if shape else None,
                "value_range": tuple(message["value_range"]),
                "warnings": tuple(message["warnings"]),
                "arrays": tuple(message.get("arrays", ())),
                "assignment": SplitAssignment.from_message(message.get("assignment")),
            }
        )

    def contract(self) -> dict[str, Any]:
        """The JSON of `winnow info`; fields may be added, never renamed."""
        shown = self.to_message()
        for internal in ("name", "fingerprint", "request", "assignment"):
            shown.pop(internal)
        return shown

    def assigned(self, assignment: SplitAssignment) -> DatasetInfo:
        """The same dataset in other splits, for all who open it by the request of this one."""
        sizes = np.bincount(assignment.codes(), minlength=len(assignment.names)).tolist()
        return replace(
            self,
            splits=dict(zip(assignment.names, sizes, strict=True)),
            assignment=assignment,
            request={**self.request, "assignment": asdict(assignment)},
        )

    def split_names_of(self, sample_ids: SampleIds) -> list[str]:
        """The split of each sample."""
        names, ends = list(self.splits), np.cumsum(list(self.splits.values()))
        if self.assignment is not None:
            return [names[code] for code in self.assignment.codes()[sample_ids].tolist()]
        return [names[i] for i in np.searchsorted(ends, sample_ids, side="right")]

    def split_codes(self) -> NDArray[np.uint8]:
        """(n,) position of each sample's split in `splits`; not to be written to."""
        if self.assignment is not None:
            return self.assignment.codes()
        return np.repeat(np.arange(len(self.splits), dtype=np.uint8), list(self.splits.values()))


EXPORT_FORMATS = ("h5", "npz", "folder", "csv", "parquet", "predictions", "worklist")


@dataclass(frozen=True)
class ExportOptions:
    """How an export is made, besides its place and its format."""

    only: tuple[str, ...] = ()  # names of review states; empty: those the format is for
    files: str = "copy"  # folder: "copy", "link" or "list"; parquet: "copy" or "list"
    sample: str = ""  # predictions: a CSV whose ids, order, header and labels are followed
    top: int = 0  # worklist: so many images; 0: as many as a page takes

    def to_message(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> ExportOptions:
        return cls(**{**message, "only": tuple(message["only"])})


@dataclass(frozen=True)
class RunSummary:
    """One line of the list of runs."""

    run: int
    state: str  # "running", "ended", "stopped", "failed"
    created: str  # ISO 8601, UTC
    epochs: int
    held_out_accuracy: float  # NaN if nothing was held out
    bytes_on_disk: int
    resumable: bool
    has_weights: bool
    seen_otherwise: int = 0  # so many images it saw otherwise than the project sees them now


@dataclass(frozen=True)
class Evidence:
    """What a run kept of every image besides its scores, to say why one is suspect.

    Arrays of length n; -1, NaN or 0, and no scores by name, where a run has not got that far
    or is older than what is asked for.
    """

    copy_group: LabelVector  # the first image with the same pixels; -1 where no other has them
    queue: np.ndarray[tuple[int], np.dtype[np.uint8]]  # of review.queues.Queue; 0 in none
    neighbours: np.ndarray[tuple[int, int], np.dtype[np.int32]]  # (n, 10 or 0) nearest first
    neighbour_distance: np.ndarray[tuple[int, int], np.dtype[np.float32]]  # 1 - cosine
    by_name: dict[str, Scores]  # disagreement, area_under_margin, forgetting, ...
    # (n,) images that somebody had judged when the run began; an older run does not say, but of it
    # the labels it learnt are known, UNLABELLED where an image was excluded.
    decided: Mask | None = None
    learnt: LabelVector | None = None

    @classmethod
    def none(cls, n: int) -> Evidence:
        return cls(
            np.full(n, -1, np.int32),
            np.zeros(n, np.uint8),
            np.empty((n, 0), np.int32),
            np.empty((n, 0), np.float32),
            {},
        )


@dataclass(frozen=True)
class RunScores:
    """One set of scores of a run, memory-mapped from our own files."""

    run: int
    epoch: int
    probabilities: Probs
    embedding: Embedding
    held_out: Mask
    suggested: LabelVector
    transition: Probs
    prior: Probs
    labels: LabelVector
    by_name: dict[str, Scores]  # suspicion, loss, confidence, margin, anomaly
    evidence: Evidence
    class_names: tuple[str, ...]  # as the run met them


@dataclass(frozen=True)
class Event:
    """Something that happened in long work. Fields are JSON values or numpy arrays."""


Events = Generator[Event, None, None]  # closing it cancels the work


@dataclass(frozen=True)
class Heartbeat(Event):
    """Nothing happened for 0.2 s; the work is alive."""


@dataclass(frozen=True)
class Progress(Event):
    """How far a long piece of work is: `done` of `total` units, and what it does now."""

    done: int
    total: int
    doing: str
    seconds_left: float = math.nan  # where that can be told


@dataclass(frozen=True)
class Finished(Event):
    """The work is over; `result` is what the command line prints as JSON."""

    result: dict[str, Any]


@dataclass(frozen=True)
class MapLaidOut(Event):
    """Where images lie on the 2-D map, so far or for good."""

    layout: np.ndarray[tuple[int, int], np.dtype[np.float32]]  # (n, 2) NaN without a place
    run: int  # whose embedding it is made of; 0: of the pixels
    epoch: int
    n_laid_out: int  # the others stand between their nearest of these
    final: bool


@dataclass(frozen=True)
class Clustered(Event):
    """Which cluster of a run's embedding each image is in."""

    numbers: LabelVector  # (n,) from 1 on, the largest first; 0 where the net did not look
    run: int
    epoch: int
    wanted: int  # so many were asked for; there may be fewer


@dataclass(frozen=True)
class Described(Event):
    """What is known of a dataset so far; `page` grows to the result of describing(). The arrays
    are about the images looked at, in the order of `sample_ids`."""

    page: dict[str, Any]
    sample_ids: SampleIds = field(default_factory=lambda: np.empty(0, np.int64))
    sizes: NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 2), np.int32))  # h, w
    means: Scores = field(default_factory=lambda: np.empty(0, np.float32))  # of all their pixels


@dataclass(frozen=True)
class ChecksBegun(Event):
    """An audit has a model, or does without, and begins to look; it can be told to finish."""


@dataclass(frozen=True)
class Found(Event):
    """A check of an audit found something. `finding` is models.audit.finding's to_message()."""

    finding: dict[str, Any]


@dataclass(frozen=True)
class Unable(Event):
    """A check of an audit cannot say something here, and why."""

    check: str
    sentence: str
    # What it cannot find, as the ids of findings begin: "label_noise:test"; empty: anything.
    about: tuple[str, ...] = ()
    partly: bool = False  # it looked all the same, at a part or with less certainty


@dataclass(frozen=True)
class DatasetOpened(Event):
    """A reader child understood a source. `info` is DatasetInfo.to_message()."""

    info: dict[str, Any]
    given: LabelVector  # (n,)


@dataclass(frozen=True)
class Preview(Event):
    """How a source would be read: some of its images, and the class name of each."""

    info: DatasetInfo
    images: list[Pixels | str]  # uint8 (h, w, 1 or 3), or why there is none
    labels: list[str]  # "" where there is none


@dataclass(frozen=True)
class TrainingStarted(Event):
    """Data is in memory and the first step is about to run."""

    run: int
    device: str  # "CPU, 2 threads, bfloat16"
    device_note: str  # why it is not what was asked for; empty if it is
    n_train: int
    n_held_out: int
    epochs: int


@dataclass(frozen=True)
class TrainingProgress(Event):
    """At most about 20 a second."""

    phase: str  # "reading", "first look", "training", "scoring", "paused"
    epoch: int  # 1-based; 0 before the first
    done: float  # 0..1 of the whole run
    images_per_second: float
    seconds_left: float  # NaN while unknown


@dataclass(frozen=True)
class EpochEnded(Event):
    """One point of the curves. Held-out figures are NaN where nothing is held out."""

    epoch: int
    train_loss: float
    train_accuracy: float
    held_out_loss: float
    held_out_accuracy: float
    learning_rate: float


@dataclass(frozen=True)
class ScoresReady(Event):
    """A new set of scores lies in runs/<run>/; nothing on the screen moves until N."""

    run: int
    epoch: int
    final: bool


@dataclass(frozen=True)
class Overfitting(Event):
    """Held-out loss turned at `epoch`; `sentence` says so in words."""

    epoch: int
    sentence: str


@dataclass(frozen=True)
class TrainingEnded(Event):
    """The run is written; `result` follows the `train` contract of the command line."""

    run: int
    result: dict[str, Any] = field(default_factory=dict)
