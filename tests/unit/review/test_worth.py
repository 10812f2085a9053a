"""What the corrections were worth: which runs and which images are compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.review.blind import CANNOT_TELL, BlindSession
from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.worth import ENOUGH, NOTHING, Reviewed, Rise, Run, Worth, chosen, worth_of
from models.review.worth import trusted_labels as trusted
from models.types import LabelVector, Probs

N, K = 400, 3
GIVEN = (np.arange(N) % K).astype(np.int32)


def review(**changes: object) -> Reviewed:
    nothing = np.empty(0, np.int64)
    classes = ClassList.of(("ant", "bee", "cat"))
    nobody = np.zeros(N, bool)
    plain = Reviewed(GIVEN, GIVEN.copy(), np.zeros(N, np.uint8), classes, nobody, nothing, ())
    return replace(plain, **changes)  # type: ignore[arg-type]


def sure(labels: LabelVector) -> Probs:
    probabilities = np.full((N, K), 0.01, np.float32)
    probabilities[np.arange(N), labels] = 0.98
    return probabilities


def run(number: int, says: LabelVector, met: object = (), began_with: int = 0) -> Run:
    mask = np.zeros(N, bool)
    mask[list(met)] = True  # type: ignore[call-overload]
    return Run(number, mask, sure(says), began_with)


def session(shown: list[int], answers: list[int]) -> BlindSession:
    return BlindSession("", shown, [1.0] * len(shown), answers=answers, ended=True)


def audited(n: int, truth: LabelVector) -> Reviewed:
    """The first n images are random ones, which the person gave their true label."""
    ids = np.arange(n)
    labels, status = GIVEN.copy(), np.zeros(N, np.uint8)
    labels[ids] = truth[ids]
    status[ids] = np.where(truth[ids] == GIVEN[ids], Status.KEPT, Status.CHANGED)
    return review(labels=labels, status=status, audits=ids)


# -- which images are trusted ----------------------------------------------------------------
def test_random_images_count_once_kept_or_changed() -> None:
    status, labels = np.zeros(N, np.uint8), GIVEN.copy()
    status[[0, 1, 2, 3]] = Status.KEPT, Status.CHANGED, Status.EXCLUDED, Status.SECOND_LOOK
    labels[1] = 2
    ids, found = trusted(review(status=status, labels=labels, audits=np.arange(6)))
    assert (ids.tolist(), found.tolist()) == ([0, 1], [0, 2])


def test_of_blind_answers_the_first_counts_and_none_that_is_no_class() -> None:
    blind = session([5, 9, 7, 5], [1, CANNOT_TELL, 2, 0])
    ids, found = trusted(review(sessions=(blind,)))
    assert (ids.tolist(), found.tolist()) == ([5, 7], [1, 2])


def test_a_blind_answer_with_a_class_that_was_taken_back_since_is_none() -> None:
    merged = ClassList(("ant", "bee", "cat"), {2: 1})
    ids, found = trusted(review(sessions=(session([5, 9], [3, 2]),), classes=merged))
    assert (ids.tolist(), found.tolist()) == ([9], [1])


def test_a_blind_answer_is_trusted_more_than_a_decision() -> None:
    status = np.full(N, Status.KEPT, np.uint8)
    blind = session([3], [2])
    assert trusted(review(status=status, audits=np.array([3]), sessions=(blind,)))[1][0] == 2


def test_an_image_of_no_class_of_the_dataset_cannot_be_told_right() -> None:
    blind = session([3, 4], [2, 1])
    assert trusted(review(sessions=(blind,), not_of_dataset=2))[0].tolist() == [4]


# -- which runs are compared -----------------------------------------------------------------
def test_the_newest_run_on_each_kind_of_labels() -> None:
    corrected = GIVEN.copy()
    corrected[0] = 1
    runs = [(5, corrected), (4, GIVEN.copy()), (3, corrected), (1, GIVEN.copy())]
    assert chosen(iter(runs), GIVEN) == (4, 5)
    assert chosen(runs[1:2], GIVEN) == (4, 0)
    assert chosen([(2, GIVEN[:7])], GIVEN) == (0, 0)  # of the dataset as it was before


def test_an_image_that_a_run_trained_on_is_not_counted() -> None:
    known = audited(150, GIVEN)
    found = worth_of(known, run(1, GIVEN, met=range(100)), run(2, GIVEN, met=[149]))
    assert (found.n_trusted, found.trusted.n, found.n_usable) == (150, 49, 49)
    assert not found.is_known
    assert found.lacks_baseline


def test_below_a_hundred_trusted_images_nothing_is_known() -> None:
    for n in (ENOUGH - 1, ENOUGH):
        found = worth_of(audited(n, GIVEN), run(1, GIVEN), run(2, GIVEN))
        assert found.is_known == (n == ENOUGH)


def test_without_a_run_there_is_only_the_number_of_images() -> None:
    found = worth_of(audited(120, GIVEN), run(1, GIVEN), None)
    assert found == Worth(1, 0, 120, NOTHING, NOTHING)
    assert not found.lacks_baseline
    assert worth_of(audited(120, GIVEN), None, run(2, GIVEN)).lacks_baseline


def test_accuracy_before_and_after_with_the_interval_of_the_difference() -> None:
    truth = GIVEN.copy()
    truth[:60] = (truth[:60] + 1) % K
    poor, better = truth.copy(), truth.copy()
    poor[:40] = GIVEN[:40]  # wrong on 40 of 200
    better[:10] = GIVEN[:10]
    found = worth_of(audited(200, truth), run(1, poor), run(2, better, began_with=1))
    rise = found.trusted
    assert (rise.before, rise.after, rise.n) == (160, 190, 200)
    assert rise.value == pytest.approx(0.15)
    assert 0 < rise.low < 0.15 < rise.high < 0.25
    assert found.is_continued


# -- the banner --------------------------------------------------------------------------------
def bent(edited: Rise, trusted_rise: Rise) -> bool:
    return Worth(1, 2, 200, trusted_rise, edited).is_bent


def test_better_where_it_was_edited_and_nowhere_else_is_told() -> None:
    edited, flat = Rise(20, 70, 80, 0.4, 0.8), Rise(170, 169, 200, -0.04, 0.03)
    assert bent(edited, flat)
    assert not bent(edited, Rise(160, 180, 200, 0.05, 0.15))
    assert not bent(Rise(40, 42, 80, -0.1, 0.15), flat)
    assert not bent(Rise(2, 30, 40, 0.5, 0.8), flat)  # too few edited
    assert not bent(edited, replace(flat, n=ENOUGH - 1))


def test_edited_are_images_that_somebody_changed_and_nobody_judged_unseen() -> None:
    labels, status = GIVEN.copy(), np.zeros(N, np.uint8)
    changed = np.arange(0, 300, 3)
    labels[changed], status[changed] = 1, Status.CHANGED
    known = review(labels=labels, status=status, audits=np.array([0]))
    found = worth_of(known, run(1, GIVEN), run(2, labels))
    assert (found.edited.before, found.edited.after, found.edited.n) == (0, 99, 99)
