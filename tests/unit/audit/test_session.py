"""An audit from the source to its result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.trained import digits
from models.audit.session import auditing_session
from models.auditing import audit_request
from models.opening import request_for
from models.types import Finished
from tests.helpers.local import open_here


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
