"""Decisions find their images again in a source that changed."""

from contextlib import closing

import numpy as np
import pytest

from models.data.journal import AUDIT, BLIND, UNLOCKED, WEIGHTS
from models.data.project import Project
from models.data.rematch import match
from models.errors import ProjectError
from models.opening import request_for
from models.processes.folding import export, fold, rematch
from models.review.blind import BlindSession
from models.review.decisions import Action
from models.review.stopping import AuditedQueue
from models.types import Finished
from tests.helpers.datasets import npz_source, reviewed
from tests.helpers.journals import Reviewer


def hashes(*numbers):
    return np.repeat(np.array(numbers, np.uint8)[:, None], 16, axis=1)


def test_images_are_found_where_they_went():
    assert match(hashes(1, 2, 3), hashes(3, 9, 1)).tolist() == [2, -1, 0]


def test_equal_images_keep_their_order():
    assert match(hashes(5, 5, 5), hashes(7, 5, 5)).tolist() == [1, 2, -1]


def test_of_two_equal_images_the_one_that_is_gone_is_not_found_in_the_other():
    before = hashes(1, 5, 2, 3, 5, 4)
    assert match(before, hashes(1, 2, 3, 5, 4)).tolist() == [0, -1, 1, 2, 3, 4]
    assert match(before, hashes(1, 5, 2, 3, 4)).tolist() == [0, 1, 2, 3, -1, 4]
    assert match(before, hashes(1, 9, 5, 2, 4)).tolist() == [0, 2, 3, -1, -1, 4]
    assert match(before, hashes(5, 1, 2, 3, 5, 4)).tolist() == [1, 0, 2, 3, 4, 5]


def test_an_image_that_was_never_read_matches_nothing():
    assert match(hashes(0, 1), hashes(0, 1)).tolist() == [-1, 1]


def test_a_reordered_source_keeps_its_decisions(tmp_path):
    path = npz_source(tmp_path / "a.npz")
    with closing(reviewed(path)) as review:
        project = review.project
        person = Reviewer(review.labelling.given)
        with project.journal() as journal:
            journal.append(person.decide(Action.SET, [0, 3], label=1))
            audit = AuditedQueue(9, 30, audits=[23, 3], passed={3}).to_message()
            journal.append(person.decide(Action.EXCLUDE, [23]), {AUDIT: audit})
            blind = BlindSession("2026-01-01T00:00:00Z", [23, 0], [12.0] * 2, 0, [1], [2.0])
            journal.set_meta(BLIND, [blind.to_message()])
            journal.set_meta(UNLOCKED, "2026-01-01T00:00:00Z")
            journal.set_meta(WEIGHTS, "balanced")
        list(export(project.path, tmp_path / "all.h5", only=("pending", "changed", "excluded")))
    with np.load(path) as source:
        images, labels = source["images"], source["labels"]
    np.savez(path, images=images[:22][::-1], labels=labels[:22][::-1])  # 23 is gone
    with pytest.raises(ProjectError, match="changed since"):
        reviewed(path)
    with Project(project.path) as again:
        *_, last = rematch(again, request_for([path]))
    assert isinstance(last, Finished)
    assert last.result == {"carried": 2, "lost": [23]}
    with closing(reviewed(path)) as review:
        assert np.flatnonzero(review.labelling.status).tolist() == [18, 21]
        assert review.labelling.labels[[18, 21]].tolist() == [1, 1]
        assert review.labelling.audit == AuditedQueue(9, 30, audits=[18], passed={18})
        (blind,) = review.labelling.blind
        assert (blind.shown, blind.answers) == ([21], [])
        assert review.labelling.test_unlocked == "2026-01-01T00:00:00Z"
        assert review.labelling.class_weights == "balanced"
        list(fold(review.project.path))
    (aside,) = project.path.glob("backups-before-*")
    assert any(aside.iterdir())


def test_decisions_are_not_carried_over_to_other_classes(tmp_path):
    path = npz_source(tmp_path / "a.npz")
    with np.load(path) as source:
        images, labels = source["images"], source["labels"]
    np.savez(path, images=images, labels=labels, class_names=["bee", "cat", "fox"])
    with closing(reviewed(path)) as review:
        project = review.project
        person = Reviewer(review.labelling.given)
        with project.journal() as journal:
            journal.append(person.decide(Action.SET, [0, 3], label=1))
        list(export(project.path, tmp_path / "all.h5"))
    names = ["ant", "bee", "cat", "fox"]
    np.savez(path, images=images[::-1], labels=labels[::-1] + 1, class_names=names)
    with Project(project.path) as again:
        with pytest.raises(ProjectError, match="numbered otherwise"):
            list(rematch(again, request_for([path])))
        assert again.meta("class_names") == names[1:]
