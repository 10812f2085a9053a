"""Strange datasets: a run on them works, or refuses in words."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.processes.reading import Unreadable
from models.scoring.label_noise import label_noise, label_scores
from models.types import Pixels, TrainingEnded
from tests.helpers.training import FAST, bars, request_for, scores_of, session

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def a_short_first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.training.planning._FIRST_LOOK_EPOCHS", 1)


def ended(project: Path, labels: Any, images: list[Any], **more: Any) -> dict[str, Any]:
    """The result of a fast run on these."""
    n_classes = more.pop("n_classes", 3)
    request = request_for(project, labels.astype(np.int32), n_classes, **more)
    last = list(session(request, images, n_classes=n_classes))[-1]
    assert isinstance(last, TrainingEnded)
    return last.result


def noise(n: int, shape: tuple[int, ...] = (8, 8, 1)) -> list[Pixels]:
    return list(np.random.default_rng(1).integers(0, 256, (n, *shape)).astype(np.uint8))


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 1, 1), (1, 40, 3), (1, 300, 1)])
def test_images_of_a_few_pixels(tmp_path: Path, shape: tuple[int, ...]) -> None:
    labels = np.arange(60) % 2
    images = [
        one // 2 + np.uint8(120 * label)
        for one, label in zip(noise(60, shape), labels, strict=True)
    ]
    result = ended(tmp_path, labels, images, n_classes=2, config={**FAST, "epochs": 12, "batch": 8})
    assert result["train_accuracy"] > 0.8
    assert np.isfinite(scores_of(tmp_path).by_name["suspicion"]).all()


def test_images_of_one_grey_pixel(tmp_path: Path) -> None:
    """Most are copies of one another."""
    labels = np.arange(60) % 2
    images = [np.full((1, 1, 1), 200 * label, np.uint8) for label in labels]
    result = ended(tmp_path, labels, images, n_classes=2, config={**FAST, "epochs": 8})
    assert result["train_accuracy"] == 1


def test_images_that_all_look_the_same(tmp_path: Path) -> None:
    images, labels = bars(60)
    ended(tmp_path, labels, [np.full_like(image, 7) for image in images])
    assert np.isfinite(scores_of(tmp_path).by_name["suspicion"]).all()


def test_floats_of_which_some_are_not_numbers(tmp_path: Path) -> None:
    images, labels = bars(100)
    some: list[Any] = [image.astype(np.float32) for image in images]
    some[7] = Unreadable("7: holds NaN or infinite pixels.")  # what the reader makes of it
    ended(tmp_path, labels, some)
    suspicion = scores_of(tmp_path).by_name["suspicion"]
    assert np.isnan(suspicion[7])
    assert np.isfinite(np.delete(suspicion, 7)).all()


def test_two_images_of_each_class(tmp_path: Path) -> None:
    images, labels = bars(12, n_classes=6, side=12)
    assert ended(tmp_path, labels, images, n_classes=6)["train_accuracy"] is not None
    assert np.isfinite(scores_of(tmp_path).by_name["suspicion"]).all()


def test_a_thousand_classes_of_three_images(tmp_path: Path) -> None:
    labels = np.arange(3_000) % 1_000
    images = noise(3_000, (4, 4, 1))
    config = {**FAST, "epochs": 1, "batch": 256}
    assert len(ended(tmp_path, labels, images, n_classes=1_000, config=config)["per_class"]) == 1000
    assert np.isfinite(scores_of(tmp_path).by_name["suspicion"]).all()


def test_ten_images_of_each_of_two_classes(tmp_path: Path) -> None:
    images, labels = bars(20, n_classes=2)
    ended(tmp_path, labels, images, n_classes=2, config={**FAST, "epochs": 8})
    assert np.isfinite(scores_of(tmp_path).by_name["suspicion"]).all()


def test_one_image_of_a_class_beside_a_thousand_of_another(tmp_path: Path) -> None:
    images, _ = bars(1_006, n_classes=1)
    labels = np.zeros(1_006)
    labels[77] = 1
    config = {**FAST, "epochs": 1, "batch": 256}
    result = ended(tmp_path, labels, images, n_classes=2, config=config)
    assert result["epochs"] == 1
    assert np.isfinite(scores_of(tmp_path).by_name["suspicion"]).all()


def test_labels_drawn_at_random(tmp_path: Path) -> None:
    images, _ = bars(300)
    labels = np.random.default_rng(0).integers(0, 3, 300)
    result = ended(tmp_path, labels, images, config={**FAST, "epochs": 4, "batch": 64})
    said = [finding["kind"] for finding in result["findings"]]
    assert said == ["labels_random"] or result["remarks"]


@pytest.mark.soak
def test_scores_of_a_hundred_thousand_images_of_a_thousand_classes() -> None:
    """In half as much memory again as the probabilities take themselves."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 1_000, 100_000).astype(np.int32)
    probs = rng.random((100_000, 1_000), np.float32)
    probs[np.arange(100_000), labels] += 400
    probs /= probs.sum(axis=1, keepdims=True)
    labels[:20_000] = (labels[:20_000] + 1) % 1_000
    tracemalloc.start()
    noise_of_labels = label_noise(probs, labels)
    scores, suggested = label_scores(probs, labels, noise_of_labels.prior)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < probs.nbytes / 2
    assert scores["suspicion"][:20_000].min() > scores["suspicion"][20_000:].max()
    assert (suggested[:20_000] != labels[:20_000]).mean() > 0.99


@pytest.mark.parametrize("batch", [2, 3, 16])
@pytest.mark.parametrize("side", [1, 8])
def test_a_last_batch_of_one_image(tmp_path: Path, batch: int, side: int) -> None:
    labels = np.arange(7) % 2
    config = {**FAST, "batch": batch}
    ended(tmp_path, labels, noise(7, (side, side, 1)), n_classes=2, config=config)


@pytest.mark.parametrize("label", [0, -1])
def test_without_two_classes_strangeness_is_told(tmp_path: Path, label: int) -> None:
    images, labels = bars(40)
    images[5] = 255 - images[5]
    labels[:] = label
    (finding,) = ended(tmp_path, labels, images)["findings"]
    assert "nothing to tell classes by" in finding["sentence"]
    scores = scores_of(tmp_path)
    assert scores.by_name["anomaly"].argmax() == 5
    assert np.isnan(scores.by_name["suspicion"]).all()


@pytest.mark.parametrize("n", [4, 7, 19])
def test_a_handful_of_images_is_enough(tmp_path: Path, n: int) -> None:
    images, labels = bars(n, n_classes=2)
    ended(tmp_path, labels, images, n_classes=2)


def test_mixed_sizes_and_colours_are_brought_together(tmp_path: Path) -> None:
    images, labels = bars(40)
    mixed: list[Any] = list(images)
    mixed[3] = np.full((30, 11, 3), 100, np.uint8)
    ended(tmp_path, labels, mixed)
