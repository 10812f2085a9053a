"""An audit from the source to its result."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.trained import digits
from models.audit.session import auditing_session
from models.auditing import audit_request
from models.data.runs import run_folder
from models.errors import ProjectError
from models.mapping import mapping
from models.opening import Review, request_for
from models.processes.mapping import MapRequest
from models.training.roles import Role
from models.types import Finished
from tests.helpers.datasets import folder_source
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores

pytestmark = pytest.mark.slow


def test_what_leaked_is_told_of_the_test_split_though_its_folder_comes_first(
    tmp_path: Path,
) -> None:
    images, labels = digits()
    splits = {"train": range(200), "test": (*range(200, 240), *range(4))}
    for split, rows in splits.items():
        for number, row in enumerate(rows):
            folder = tmp_path / "digits" / split / str(labels[row])
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(images[row]).save(folder / f"{number}.png")
    review = open_here(request_for([tmp_path / "digits"]))
    review.close()
    assert list(review.info.splits) == ["test", "train"]
    *_, last = auditing_session(audit_request(review, checks=("disjoint",)))
    assert isinstance(last, Finished)
    (leak,) = [one for one in last.result["findings"] if one["kind"] == "leak_exact"]
    assert last.result["splits"] == {"train": 200, "test": 44}
    assert leak["splits"] == ["train", "test"]
    assert leak["sentence"].startswith("4 of the 44 images of test")
    assert leak["severity"] == "error"
    left_out = set(leak["action"]["samples"])
    assert left_out <= set(np.flatnonzero(review.info.split_codes() == 0).tolist())


def reviewed_with_run(tmp_path: Path, *, unscored: bool = False) -> tuple[Review, Path]:
    """Photos, and a run of their labels that learnt from all of them."""
    review = open_here(request_for([folder_source(tmp_path / "photos")]))
    review.close()
    n, labels = review.info.n, review.labelling.labels.astype(np.int64)
    nothing = range(n if unscored else 0)
    add_scores(review.project.path, labels, len(review.info.class_names), unscored=nothing)
    folder = run_folder(review.project.runs_dir, 1)
    np.save(folder / "roles.npy", np.full(n, Role.TRAINED, np.uint8))
    return review, folder


def test_a_run_of_which_nothing_was_held_out_is_asked(tmp_path: Path) -> None:
    review, folder = reviewed_with_run(tmp_path)
    details = json.loads((folder / "run.json").read_text())
    details["curves"] = [{"train_accuracy": 1.0, "held_out_accuracy": None}] * 2
    (folder / "run.json").write_text(json.dumps(details))
    *_, last = auditing_session(audit_request(review, checks=("gaps",)))
    assert isinstance(last, Finished)
    assert last.result["run"] == 1


def test_a_run_that_could_learn_no_classes_is_not_asked_for_them(tmp_path: Path) -> None:
    review, _ = reviewed_with_run(tmp_path, unscored=True)
    *_, last = auditing_session(audit_request(review, checks=("labels",)))
    assert isinstance(last, Finished)
    assert last.result["run"] is None
    (why,) = [one["why"] for one in last.result["not_checked"]]
    assert why == "Without a trained model nothing says what a label should be."


@pytest.mark.parametrize("change", ["renamed", "deleted"])
def test_images_that_changed_while_it_was_open_are_not_audited_nor_mapped(
    tmp_path: Path, change: str
) -> None:
    photos = folder_source(tmp_path / "photos")
    review = open_here(request_for([photos]))
    review.close()
    first = min(photos.rglob("*.png"))
    if change == "deleted":
        first.unlink()
    else:
        first.rename(first.with_name("zz.png"))  # all of its class have another id by now
    asked = audit_request(review)
    to_map = MapRequest(review.project.path, asked.source, review.info.n)
    for events in (auditing_session(asked), mapping(to_map)):
        with pytest.raises(ProjectError, match="changed since it was opened"):
            list(events)
