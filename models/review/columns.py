"""The columns of a dataset under review, which order, filters and queues look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.review.classes import ClassList
from models.review.paths import Paths
from models.review.remarks import Remarks
from models.types import LabelVector, Mask, Scores, StatusVector


@dataclass(frozen=True)
class Columns:
    """Everything an arrangement can look at; arrays of length n, empty where nothing is known.

    A worker may look while a decision writes: each function copies what it compares first, so
    a sample decided meanwhile is placed by its old or its new value, and none is lost.
    """

    labels: LabelVector
    status: StatusVector
    splits: StatusVector
    scores: Mapping[str, Scores]
    selected: Mask
    copy_group: LabelVector  # see Evidence
    queue: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))  # see Evidence
    second_opinion: Mask = field(default_factory=lambda: np.empty(0, np.bool_))  # wanted
    disagreeing: Mask = field(default_factory=lambda: np.empty(0, np.bool_))  # see Disagreements
    settled: Mask = field(default_factory=lambda: np.empty(0, np.bool_))
    wholesale: Mask = field(default_factory=lambda: np.empty(0, np.bool_))  # see there
    # What a query may name besides:
    given: LabelVector = field(default_factory=lambda: np.empty(0, np.int32))
    predicted: LabelVector = field(default_factory=lambda: np.empty(0, np.int32))
    suggested: LabelVector = field(default_factory=lambda: np.empty(0, np.int32))
    cluster: LabelVector = field(default_factory=lambda: np.empty(0, np.int32))  # see Clustered
    # By the last audit, named as copy_group is:
    near_copies: LabelVector = field(default_factory=lambda: np.empty(0, np.int32))
    classes: ClassList = field(default_factory=lambda: ClassList.of(()))
    split_names: tuple[str, ...] = ()
    paths: Paths | None = None  # where they are not known
    remarks: Remarks | None = None
    properties: Mapping[str, Scores] = field(default_factory=dict)  # as far as they are measured
