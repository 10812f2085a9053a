"""The next line of code in docs/loading.md works on what `winnow export` writes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from models.opening import request_for
from tests.helpers.local import exported, open_here
from tests.helpers.projects import add_scores
from tests.helpers.sources import images

DOCS = Path(__file__).parents[2] / "docs" / "loading.md"
BLOCKS = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
PACKAGES = re.compile(r"^(?:import|from) (\w+)", re.MULTILINE)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exports of a dataset with splits, and of one without, as the page names them."""
    folder = tmp_path_factory.mktemp("exports")
    names = np.array(["ant", "bee", "cat"])
    x, y = images(30, (8, 8, 3)), names[np.arange(30) % 3]
    np.savez(folder / "a.npz", x_train=x[:24], y_train=y[:24], x_test=x[24:], y_test=y[24:])
    np.savez(folder / "b.npz", images=x, labels=y)
    with_splits, without = _project(folder / "a.npz"), _project(folder / "b.npz")
    add_scores(with_splits, np.arange(30) % 3, 3)
    for name in ("clean.h5", "clean.npz", "clean.parquet", "clean.csv"):
        exported(with_splits, folder / name, name.rpartition(".")[2])
    exported(with_splits, folder / "clean", "folder")
    exported(without, folder / "one.parquet", "parquet")
    rows = "".join(f"{i},0,0,0\n" for i in range(24))
    (folder / "sample.csv").write_text(f"id,ant,bee,cat\n{rows}")
    sample = str(folder / "sample.csv")
    exported(with_splits, folder / "probabilities.csv", "predictions", sample=sample)
    return folder


def _project(source: Path) -> Path:
    review = open_here(request_for([source]))
    review.close()
    return review.project.path


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: PACKAGES.findall(block)[-1])
def test_a_line_of_the_page_works(exports: Path, tmp_path: Path, block: str) -> None:
    missing = [name for name in PACKAGES.findall(block) if find_spec(name) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    offline = {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path / "hub"),
        "HF_DATASETS_CACHE": str(tmp_path / "datasets"),
    }
    done = subprocess.run(
        [sys.executable, "-c", block + CHECKS.get(PACKAGES.findall(block)[-1], "")],
        cwd=exports,
        env={**os.environ, **offline},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# What a reader of the page would expect of the names in its blocks.
CHECKS = {
    "numpy": "assert x_train.shape == (24, 8, 8, 3) and list(class_names) == ['ant', 'bee', 'cat']",
    "torch": "assert images.shape == (4, 3, 8, 8) and labels.max() < 3",
    "cleanlab": "assert issues.shape == (24,) and not issues.any()",
    "datasets": """
if "folder" in dir():
    assert {name: len(part) for name, part in splits.items()} == {"train": 24, "test": 6}
    assert label_names == folder["train"].features["label"].names == ["ant", "bee", "cat"]
    assert folder["test"].num_rows == 6
else:
    assert len(dataset) == 30 and image.size == (8, 8) and label == 0
""",
}
