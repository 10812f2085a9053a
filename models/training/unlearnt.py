"""Which held-out images tell how the labels go astray that a net learns."""

from __future__ import annotations

import numpy as np

from models.scoring.label_noise import label_noise
from models.training.material import Material
from models.training.roles import Role
from models.types import Mask, Probs

_LEAST_RIGHT = 0.5  # share of the labels of each class


def telling_of_noise(material: Material, probs: Probs) -> Mask:
    """(n,) the images whose labels went astray as those that are learnt did.

    Those that were held out of the splits to train on, if there are any. A validation split tells
    only if most of its labels are right in each class: if two of its classes are exchanged, or all
    of its labels are random, that happened to it alone. Measured on digits, 10% wrong in train,
    with a validation split of random labels: average precision in train .165 where its labels
    were believed to go astray as those of train do, and .992 where they were not; with two of its
    classes exchanged .787 and .996.

    Parameters
    ----------
    probs : float32 (n, k)
        What the net says so far, k at least 2; NaN where it did not look.
    """
    held_out: Mask = (material.roles == Role.HELD_OUT) & ~np.isnan(probs[:, 0])
    of_train = held_out & np.isin(material.split_codes, material.split_codes[material.met])
    if of_train.any() or not held_out.any():
        return of_train
    alone = label_noise(probs[held_out], material.labels[held_out])
    is_sound = np.diagonal(alone.transition).min() >= _LEAST_RIGHT
    return held_out if is_sound else of_train
