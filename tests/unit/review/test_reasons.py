"""Every sentence is true of the numbers it is read off."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.queues import Queue
from models.review.reasons import MOST, percent, reasons
from models.review.standing import Judge
from models.types import Evidence, LabelVector, Probs

NAMES = ("Coat", "Pullover", "Shirt")
EPOCHS = 14
NEVER_LEARNT = {"first_learnt": EPOCHS + 1, "forgetting": EPOCHS}


def sure_of(classes, p=0.93, k=3):
    probabilities = np.full((len(classes), k), (1 - p) / (k - 1), np.float32)
    probabilities[np.arange(len(classes)), classes] = p
    return probabilities


@dataclass
class Said:
    """What a run said of some images, and the labels as they stand."""

    probabilities: Probs
    labels: LabelVector
    evidence: Evidence
    transition: Probs = field(default_factory=lambda: np.eye(3, dtype=np.float32))
    epoch: int = EPOCHS

    @property
    def prior(self) -> Probs:
        return self.transition

    @classmethod
    def of(cls, labels, best, p=0.93, **evidence):
        n = len(labels)
        kept = replace(Evidence.none(n), **evidence)
        return cls(sure_of(best, p), np.array(labels, np.int32), kept)

    def why(self, sample_id, labels=None, status=None, classes=NAMES):
        labels = self.labels if labels is None else np.array(labels, np.int32)
        status = np.zeros(len(labels), np.uint8) if status is None else status
        named = classes if isinstance(classes, ClassList) else ClassList.of(classes)
        judge = Judge.of(self, named)
        return reasons(np.array([sample_id]), self, judge, labels, status, named.names)[0]


def test_what_it_looks_like_instead():
    assert Said.of([1], [0]).why(0) == ["looks like Coat (93%)"]
    assert Said.of([-1], [2], p=0.996).why(0) == ["looks like Shirt (>99%)"]


def test_where_the_model_agrees_it_says_what_else_it_could_be():
    assert Said.of([1], [1], p=0.9).why(0) == ["could also be Coat (5.0%)"]
    assert Said.of([1], [1], p=0.99).why(0) == ["looks like Pullover, as labelled (99%)"]


def test_a_decided_image_that_the_model_agrees_with_needs_no_reason():
    kept = np.array([Status.KEPT], np.uint8)
    assert Said.of([1], [1]).why(0, status=kept) == []


def test_a_copy_under_another_label_is_named_first():
    said = Said.of([0, 2, 1], [0, 2, 2], copy_group=np.array([0, -1, 0], np.int32))
    assert said.why(0)[0] == "same pixels as #2, which is labelled Pullover"
    assert said.why(2)[:2] == [
        "same pixels as #0, which is labelled Coat",
        "looks like Shirt (93%)",
    ]
    assert said.why(1) == ["could also be Coat (3.5%)"]


def test_the_copy_is_forgotten_once_the_labels_agree():
    said = Said.of([0, 1], [0, 0], copy_group=np.array([0, 0], np.int32))
    assert said.why(0, labels=[0, 0]) == ["could also be Pullover (3.5%)"]
    assert said.why(0, labels=[2, 0])[0] == "same pixels as #1, which is labelled Coat"


def test_most_neighbours_have_another_label():
    ids = np.full((12, 10), -1, np.int32)
    ids[0] = np.arange(1, 11)
    labels = [1, *[2] * 9, 0, 0]
    said = Said.of(labels, labels, neighbours=ids)
    assert said.why(0) == ["9 of its 10 nearest neighbours are Shirt"]
    relabelled = [1, *[1] * 4, *[2] * 5, 0, 0]
    assert said.why(0, labels=relabelled) == ["could also be Coat (3.5%)"]
    excluded = np.zeros(12, np.uint8)
    excluded[1:5] = Status.EXCLUDED
    assert not any("neighbours" in sentence for sentence in said.why(0, status=excluded))


def test_a_label_that_was_never_believed():
    scores = {
        "first_learnt": np.array([EPOCHS + 1, 3, EPOCHS + 1, np.nan], np.float32),
        "forgetting": np.array([EPOCHS, 1, EPOCHS, np.nan], np.float32),
    }
    said = Said.of([1, 1, 1, 1], [0, 0, 0, 0], by_name=scores)
    assert said.why(0)[1] == "the model never believed Pullover in 14 epochs"
    for other in (1, 3):
        assert said.why(other) == ["looks like Coat (93%)"]
    assert said.why(2, labels=[1, 1, 2, 1]) == ["looks like Coat (93%)"]  # never trained on


def test_one_epoch_is_too_few_to_speak_of():
    scores = {"first_learnt": np.full(1, 2, np.float32), "forgetting": np.ones(1, np.float32)}
    said = Said.of([1], [0], by_name=scores)
    said.epoch = 1
    assert said.why(0) == ["looks like Coat (93%)"]


def test_a_confusion_that_is_common_here():
    said = Said.of([1, 0], [0, 1])
    said.transition = np.array([[0.95, 0.041, 0.009], [0.005, 0.99, 0.005], [0, 0, 1]], np.float32)
    assert said.why(0)[1] == "Coat is often labelled Pullover here (4.1%)"
    assert said.why(1) == ["looks like Pullover (93%)"]


def test_a_confusion_as_common_as_all_others_is_no_reason():
    said = Said.of([1], [0])
    said.transition = np.full((3, 3), 0.1, np.float32) + 0.7 * np.eye(3, dtype=np.float32)
    assert said.why(0) == ["looks like Coat (93%)"]


def test_what_fits_no_class():
    said = Said.of([1], [0], p=0.4, queue=np.array([Queue.NO_CLASS_FITS], np.uint8))
    assert said.why(0) == ["fits no class well"]


def test_a_merged_class_is_called_by_what_it_became():
    said = Said.of([2], [0], p=0.6)
    said.transition = np.array([[0.8, 0, 0.2], [0, 1, 0], [0, 0, 1]], np.float32)
    assert len(said.why(0)) == 2
    merged = ClassList(NAMES, {0: 1})
    assert said.why(0, classes=merged) == ["looks like Pullover (80%)"]


def test_a_class_added_after_the_run():
    said = Said.of([1], [0])
    assert said.why(0, labels=[3], classes=(*NAMES, "Bag")) == ["looks like Coat (93%)"]


def test_a_class_that_went_into_one_added_after_the_run_is_called_by_that():
    said = Said.of([0, 1], [1, 0])
    said.transition = np.array([[0.8, 0.2, 0], [0.2, 0.8, 0], [0, 0, 1]], np.float32)
    assert len(said.why(0)) == 2
    merged = ClassList((*NAMES, "Jacket"), {0: 3})
    assert said.why(0, labels=[3, 1], classes=merged) == ["looks like Pullover (93%)"]
    assert said.why(1, labels=[3, 1], classes=merged) == ["looks like Jacket (93%)"]


def test_a_class_that_took_in_what_the_model_believed_is_not_called_never_believed():
    scores = {name: np.full(2, at, np.float32) for name, at in NEVER_LEARNT.items()}
    said = Said.of([1, 0], [0, 0], by_name=scores)
    assert said.why(0)[1] == "the model never believed Pullover in 14 epochs"
    merged = ClassList(NAMES, {0: 1})
    assert said.why(0, labels=[1, 1], classes=merged) == ["could also be Shirt (3.5%)"]


def test_what_fits_two_classes_that_are_one_now_fits_that_one():
    queue = np.full(2, Queue.NO_CLASS_FITS, np.uint8)
    said = Said.of([1, 0], [0, 0], queue=queue)
    said.probabilities[0] = 0.45, 0.45, 0.1
    assert said.why(0) == ["fits no class well"]
    merged = ClassList(NAMES, {0: 1})
    assert said.why(0, labels=[1, 1], classes=merged) == ["could also be Shirt (10%)"]


def test_a_run_after_a_merge_says_all_of_the_class_it_learnt():
    scores = {name: np.full(1, at, np.float32) for name, at in NEVER_LEARNT.items()}
    said = Said.of([1], [2], by_name=scores)
    said.transition = np.array([[1, 0, 0], [0, 1, 0], [0, 0.2, 0.8]], np.float32)
    assert said.why(0, classes=ClassList(NAMES, {0: 1})) == [
        "looks like Shirt (93%)",
        "the model never believed Pullover in 14 epochs",
        "Shirt is often labelled Pullover here (20%)",
    ]


def test_an_image_of_no_class_is_described_as_one_without_a_label():
    classes = replace(ClassList.of((*NAMES, "none of these")), not_of_dataset=3)
    said = Said.of([1], [0])
    said.probabilities = np.append(said.probabilities, [[0]], axis=1).astype(np.float32)
    said.transition = np.eye(4, dtype=np.float32)
    assert said.why(0, labels=[3], classes=classes) == said.why(0, labels=[-1], classes=classes)


def test_without_scores_only_a_copy_can_be_named():
    said = Said.of([1, 0], [0, 0], copy_group=np.array([0, 0], np.int32))
    said.probabilities[:] = np.nan
    assert said.why(0) == ["same pixels as #1, which is labelled Coat"]
    assert said.why(0, labels=[0, 0]) == []


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (1.0, "100%"),
        (0.9999, ">99%"),
        (0.93, "93%"),
        (0.0999, "10%"),
        (0.041, "4.1%"),
        (0.0001, "<0.1%"),
    ],
)
def test_shares_in_words(share, words):
    assert percent(share) == words


def random_run(seed):
    rng = np.random.default_rng(seed)
    n, k = 30, 3
    labels = rng.integers(-1, k, n).astype(np.int32)
    first = rng.integers(1, EPOCHS + 2, n)
    ids = np.array([rng.permutation(n)[:4] for _ in range(n)], np.int32)
    said = Said.of(
        labels,
        rng.integers(0, k, n),
        copy_group=np.where(np.arange(n) < 8, np.arange(n) % 4, -1).astype(np.int32),
        neighbours=ids,
        queue=rng.integers(0, 5, n).astype(np.uint8),
        by_name={
            "first_learnt": first.astype(np.float32),
            "forgetting": np.where(first > EPOCHS, EPOCHS, 0).astype(np.float32),
        },
    )
    said.probabilities = rng.dirichlet(np.full(k, 0.5), n).astype(np.float32)
    said.transition = rng.dirichlet([8, 1, 1], k).astype(np.float32)
    return said


# Of ants, bees and cats; those that went into another, or into one that was added since.
MERGES = ({}, {0: 1}, {2: 0}, {0: 3}, {0: 3, 1: 3}, {0: 1, 1: 2})


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(MERGES), st.booleans())
def test_whatever_the_numbers_each_sentence_is_true_of_them(seed, merged, is_older):
    """Of a run from before a merge, and of one that learnt the labels as they stand."""
    said, classes = random_run(seed), ClassList((*NAMES, "Jacket"), merged)
    now = classes.standing(said.labels)
    if not is_older:
        said.labels = np.where(now < 3, now, -1).astype(np.int32)
        now = said.labels
    stands = Stands(said, classes, now)
    for sample in range(len(now)):
        told = said.why(sample, labels=now, classes=classes)
        assert 1 <= len(told) <= MOST
        assert all(stands.is_true(sentence, sample) for sentence in told), told


@dataclass
class Stands:
    """What a run said, and what is true of it in the classes as they stand, told by their names."""

    said: Said
    classes: ClassList
    labels: LabelVector

    def share(self, i, name):
        """Of an image, the probability of a class and of all that went into it."""
        codes = self.classes.standing(np.arange(3, dtype=np.int32))
        return float(self.said.probabilities[i][codes == self.classes.names.index(name)].sum())

    def is_as_learnt(self, name):
        """Whether the run knew just this class by the name, and none that went into it since."""
        code, labels = self.classes.names.index(name), self.said.labels
        standing = self.classes.standing(np.arange(3, dtype=np.int32))
        others = [other for other in range(3) if other != code and standing[other] == code]
        return code < 3 and not np.isin(labels, others).any()

    def named(self, i):
        return self.classes.names[self.labels[i]] if self.labels[i] >= 0 else ""

    def is_true(self, sentence, i):
        said, names, own = self.said, self.classes.names, self.named(i)
        first = said.evidence.by_name["first_learnt"]
        alike = [self.named(j) for j in said.evidence.neighbours[i]]

        def is_shown(name, share):
            return share == percent(np.float32(self.share(i, name))) or float(
                share.strip("<>%")
            ) / 100 == pytest.approx(self.share(i, name), rel=0.06, abs=0.001)

        patterns = {
            r"same pixels as #(\d+), which is labelled (\w+)": lambda j, name: (
                int(j) != i
                and said.evidence.copy_group[int(j)] == said.evidence.copy_group[i]
                and self.named(int(j)) == name != own
            ),
            r"looks like (\w+), as labelled \((.+)\)": lambda name, share: (
                own == name and is_shown(name, share)
            ),
            r"looks like (\w+) \((.+)\)": lambda name, share: (
                is_shown(name, share)
                and name != own
                and (not own or self.share(i, name) > self.share(i, own))
            ),
            r"could also be (\w+) \((.+)\)": lambda name, share: (
                is_shown(name, share) and name != own
            ),
            r"(\d+) of its 4 nearest neighbours are (\w+)": lambda count, name: (
                int(count) == alike.count(name) > 2 and name != own
            ),
            r"the model never believed (\w+) in 14 epochs": lambda name: (
                own == name and first[i] > EPOCHS and self.is_as_learnt(name)
            ),
            r"(\w+) is often labelled (\w+) here \((.+)\)": lambda true, name, share: (
                own == name
                and self.is_as_learnt(true)
                and self.is_as_learnt(name)
                and share == percent(said.transition[names.index(true), names.index(name)])
            ),
            r"fits no class well": lambda: (
                said.evidence.queue[i] == Queue.NO_CLASS_FITS
                and self.is_as_learnt(max(names, key=lambda name: self.share(i, name)))
            ),
        }
        for pattern, check in patterns.items():
            matched = re.fullmatch(pattern, sentence)
            if matched:
                return check(*matched.groups())
        return False
