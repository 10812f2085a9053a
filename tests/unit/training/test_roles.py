"""Which images train, which are held out, which are only scored."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.training.roles import Role, assign_roles


def roles_of(
    splits: dict[str, int],
    labels: Any = None,
    hashes: Any = None,
    audited: Any = (),
    related: Any = None,
    before: Any = None,
) -> NDArray[np.uint8]:
    n = sum(splits.values())
    codes = np.repeat(np.arange(len(splits), dtype=np.uint8), list(splits.values()))
    labels = np.arange(n, dtype=np.int32) % 2 if labels is None else labels
    if hashes is None:
        hashes = np.zeros((n, 16), np.uint8)
        hashes[:, :4] = np.arange(n, dtype=np.uint32)[:, None].view(np.uint8)
    everything = np.ones(n, bool)
    drawn = np.array(audited, np.int64)
    about = codes, labels, everything, everything, hashes, 0, drawn
    return assign_roles(tuple(splits), *about, before, related)


def test_a_tenth_of_every_class_is_held_out() -> None:
    labels = np.repeat(np.arange(3, dtype=np.int32), [300, 100, 100])
    held_out = roles_of({"all": 500}, labels) == Role.HELD_OUT
    assert np.bincount(labels[held_out]).tolist() == [30, 10, 10]


def test_of_many_images_no_more_are_held_out_than_tell_the_accuracy() -> None:
    held_out = roles_of({"all": 60_000}, np.arange(60_000) % 3) == Role.HELD_OUT
    assert held_out.sum() == pytest.approx(2_000, abs=10)


def test_the_only_image_of_a_class_is_never_held_out() -> None:
    for n in range(10, 30):
        labels = np.zeros(n, np.int32)
        labels[3] = 1
        assert roles_of({"all": n}, labels)[3] == Role.TRAINED


def test_copies_stay_on_one_side() -> None:
    hashes = np.zeros((400, 16), np.uint8)
    hashes[:, 0] = np.arange(400) % 40
    roles = roles_of({"all": 400}, hashes=hashes)
    for value in range(40):
        assert len(set(roles[hashes[:, 0] == value])) == 1
    assert set(roles) == {Role.TRAINED, Role.HELD_OUT}


def test_near_copies_stay_on_one_side() -> None:
    related = np.arange(400, dtype=np.int32) % 40
    related[related == 7] = -1
    roles = roles_of({"all": 400}, related=related)
    for group in set(range(40)) - {7}:
        assert len(set(roles[related == group])) == 1
    assert set(roles) == {Role.TRAINED, Role.HELD_OUT}


def test_without_near_copies_the_same_are_held_out_as_ever() -> None:
    nothing = np.full(400, -1, np.int32)
    assert (roles_of({"all": 400}, related=nothing) == roles_of({"all": 400})).all()


def test_exact_and_near_copies_chain() -> None:
    hashes = np.zeros((200, 16), np.uint8)
    hashes[:, 0] = np.arange(200)
    hashes[190] = hashes[10]
    related = np.full(200, -1, np.int32)
    related[[150, 190]] = 150
    roles = roles_of({"train": 180, "val": 20}, hashes=hashes, related=related)
    assert roles[190] == Role.SCORED  # 10 trains, and 190 with 150 is near to it
    assert (roles == Role.HELD_OUT).sum() == 19
    roles = roles_of({"all": 200}, hashes=hashes, related=related, audited=(150,))
    assert (roles[[10, 150, 190]] == Role.HELD_OUT).all()


def test_one_image_a_thousand_times_is_never_what_is_held_out() -> None:
    hashes = np.zeros((1_100, 16), np.uint8)
    hashes[1_000:, 0] = np.arange(1, 101)
    roles = roles_of({"all": 1_100}, hashes=hashes)
    assert (roles[:1_000] == Role.TRAINED).all()
    assert (roles[1_000:] == Role.HELD_OUT).sum() == 10


def test_a_validation_image_with_a_copy_to_train_on_is_only_scored() -> None:
    hashes = np.zeros((70, 16), np.uint8)
    hashes[:, 0] = np.arange(70)
    hashes[52, 0] = hashes[3, 0]
    roles = roles_of({"train": 50, "val": 20}, hashes=hashes)
    assert roles[3] == Role.TRAINED
    assert roles[52] == Role.SCORED
    assert (roles == Role.HELD_OUT).sum() == 19


def test_a_validation_split_that_is_all_copies_holds_nothing_out() -> None:
    hashes = np.zeros((80, 16), np.uint8)
    hashes[:, 0] = np.arange(80) % 40
    roles = roles_of({"train": 40, "val": 40}, hashes=hashes)
    assert (roles[40:] == Role.SCORED).all()
    assert (roles[:40] == Role.HELD_OUT).sum() == 4


@pytest.mark.parametrize("name", ["val", "valid", "Validation", "dev"])
def test_a_validation_split_is_held_out(name: str) -> None:
    roles = roles_of({"train": 50, name: 20, "test": 10})
    assert (roles[:50] == Role.TRAINED).all()
    assert (roles[50:70] == Role.HELD_OUT).all()
    assert (roles[70:] == Role.SCORED).all()


def test_without_one_a_tenth_of_train_is_held_out_and_test_is_not_touched() -> None:
    roles = roles_of({"train": 100, "test": 30})
    assert (roles[:100] == Role.HELD_OUT).sum() == 10
    assert (roles[100:] == Role.SCORED).all()


def test_splits_without_a_train_count_as_one() -> None:
    roles = roles_of({"part a": 50, "part b": 50})
    assert (roles == Role.TRAINED).sum() == 90


def test_nothing_labelled_trains_nothing() -> None:
    roles = roles_of({"all": 5}, np.full(5, -1, np.int32))
    assert (roles == Role.SCORED).all()


def test_a_labelled_split_trains_and_the_sets_beside_it_check() -> None:
    labels = np.arange(150, dtype=np.int32) % 2
    labels[:30] = -1
    roles = roles_of({"unlabeled": 30, "labeled": 100, "representative_set_1": 20}, labels)
    assert (roles[:30] == Role.SCORED).all()
    assert set(roles[30:130]) == {Role.TRAINED, Role.HELD_OUT}
    assert (roles[130:] == Role.SCORED).all()


def test_audit_images_and_their_copies_are_held_out_beside_the_share() -> None:
    hashes = np.zeros((200, 16), np.uint8)
    hashes[:, 0] = np.arange(200)
    hashes[61] = hashes[60]
    before = roles_of({"all": 200}, hashes=hashes)
    roles = roles_of({"all": 200}, hashes=hashes, audited=(60, 100, 101))
    assert (roles[[60, 61, 100, 101]] == Role.HELD_OUT).all()
    others = np.delete(np.arange(200), [60, 61, 100, 101])
    assert (roles[others] == before[others]).all()


def test_audit_images_that_never_train_keep_their_role() -> None:
    roles = roles_of({"train": 50, "val": 20, "test": 10}, audited=(5, 55, 75))
    assert roles[[5, 55, 75]].tolist() == [Role.HELD_OUT, Role.HELD_OUT, Role.SCORED]
    assert (roles == Role.TRAINED).sum() == 49


def test_copies_of_what_weights_were_trained_on_are_never_held_out() -> None:
    hashes = np.zeros((60, 16), np.uint8)
    hashes[:, 0] = np.arange(60)
    hashes[50:55] = hashes[:5]
    before = np.full(60, Role.TRAINED, np.uint8)
    before[40:] = Role.SCORED
    roles = roles_of({"train": 40, "test": 20}, hashes=hashes, before=before)
    assert (roles[50:55] == Role.MET).all()
    assert (roles[[*range(40, 50), *range(55, 60)]] == Role.SCORED).all()


def test_a_new_copy_of_what_was_held_out_is_held_out_with_it() -> None:
    related = np.full(60, -1, np.int32)
    related[[7, 30]] = 7
    before = np.full(60, Role.TRAINED, np.uint8)
    before[[7, 20]] = Role.HELD_OUT
    before[30] = Role.SCORED  # had no label then
    roles = roles_of({"all": 60}, related=related, before=before)
    assert np.flatnonzero(roles == Role.HELD_OUT).tolist() == [7, 20, 30]
