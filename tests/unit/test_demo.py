"""The demo: the same wrong labels on every machine, and the truth beside them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from models.demo import demo_request, demo_truth, found


def test_the_demo_has_143_wrong_labels() -> None:
    truth = demo_truth()
    given = np.load(demo_request().paths[0])["labels"]
    assert len(truth) == 1797
    assert found(given, truth, given) == (0, 143)


def test_a_label_put_right_counts_as_found() -> None:
    truth = demo_truth()
    given = np.load(demo_request().paths[0])["labels"]
    wrong = np.flatnonzero(truth != given)
    labels = given.copy()
    labels[wrong[:5]] = truth[wrong[:5]]
    labels[wrong[5]] = (truth[wrong[5]] + 1) % 10
    assert found(labels, truth, given) == (5, 143)


def test_the_digits_are_whole_images() -> None:
    images = np.load(demo_request().paths[0])["images"]
    assert (images.shape, images.dtype, images.max()) == ((1797, 8, 8), np.uint8, 255)


def test_the_demo_is_written_once(own_home: Path) -> None:
    path = Path(demo_request().paths[0])
    assert path.is_relative_to(own_home)
    before = path.stat().st_mtime_ns
    assert demo_request().paths == (str(path),)
    assert path.stat().st_mtime_ns == before


def test_making_the_demo_imports_no_scikit_learn() -> None:
    code = "import models.demo, sys; models.demo.demo_truth(); sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
