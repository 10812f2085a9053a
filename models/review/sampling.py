"""Random samples of the images that are shown: one batch after another, or some of each class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.types import LabelVector, SampleIds


@dataclass(frozen=True)
class Sample:
    """One batch: so many images in all, or so many of each class."""

    size: int
    batch: int = 0
    each_class: bool = False


def drawn(sample: Sample, shown: SampleIds, labels: LabelVector) -> SampleIds:
    """The images of a batch, in the order they were drawn; of each class, class by class.

    A batch is drawn by keys that belong to images. So it comes back as it was while the same
    images are shown, and if one of them is no longer, only that one is replaced.

    Parameters
    ----------
    shown : int64 (m,)
        The images to draw from.
    labels : int32 (n,)
        The classes to draw from, of all images.
    """
    keys = np.random.default_rng(sample.batch).random(len(labels))[shown]
    if not sample.each_class:
        size = min(sample.size, len(shown))
        nearest = np.argpartition(keys, size - 1)[:size] if size else np.empty(0, np.int64)
        return shown[nearest[np.argsort(keys[nearest])]]
    of_class = labels[shown]
    order = np.lexsort((keys, of_class))
    starts = np.searchsorted(of_class[order], of_class[order])  # where the class of each begins
    return shown[order[np.arange(len(order)) - starts < sample.size]]
