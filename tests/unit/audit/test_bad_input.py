"""Datasets nobody wishes for: an audit ends, and says what it could not check and why."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.trained import digits
from models.audit import pace, session
from models.audit.checks import CHECKS
from models.audit.finding import Finding, Remedy, Severity
from models.audit.pace import READING, Pace
from models.audit.session import auditing_session, checked
from models.auditing import audit_request
from models.errors import DatasetError
from models.opening import request_for
from models.processes.child import Controls
from models.types import Event, Finished, Found, Progress, Unable
from tests.helpers.audits import audit_material
from tests.helpers.local import open_here

pytestmark = pytest.mark.slow

WITHOUT_COPIES = tuple(name for name in CHECKS if name != "disjoint")  # which has its own tests
Arrays = Mapping[str, NDArray[Any]]
Result = dict[str, Any]


def some(first: int, end: int) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    images, labels = digits()
    return images[first:end, :, :, None], labels[first:end]


def of_file(folder: Path, arrays: Arrays) -> Result:
    """The audit of a file, as the auditor child makes it."""
    np.savez(folder / "splits.npz", **arrays)  # type: ignore[arg-type]
    review = open_here(request_for([folder / "splits.npz"]))
    review.close()
    return last(list(auditing_session(audit_request(review, checks=WITHOUT_COPIES))))


def in_memory(
    images: Arrays,
    labels: Arrays,
    sure: float | None = None,
    *,
    names: int = 10,
    checks: Sequence[str] = WITHOUT_COPIES,
) -> Result:
    every = tuple(map(str, range(names)))
    return last(list(checked(audit_material(images, labels, names=every, sure=sure), checks)))


def last(events: list[Event]) -> Result:
    assert isinstance(events[-1], Finished)
    return events[-1].result


def why(result: Result, check: str) -> str:
    """What a check could not say."""
    return " ".join(one["why"] for one in result["not_checked"] if one["check"] == check)


def found(result: Result, kind: str) -> Result:
    (one,) = [one for one in result["findings"] if one["kind"] == kind]
    return dict(one)


def test_splits_of_other_sizes_are_named_and_made_one_size(tmp_path: Path) -> None:
    (images, labels), (others, their_labels) = some(0, 60), some(60, 110)
    larger = others.repeat(2, axis=1).repeat(2, axis=2)
    arrays = {"x_train": images, "y_train": labels, "x_test": larger, "y_test": their_labels}
    result = of_file(tmp_path, arrays)
    size = found(result, "quality")
    assert size["severity"] == "warning"
    assert "8x8 pixels in train and 16x16 pixels in test" in size["sentence"]
    assert "wipes out" in why(result, "shortcuts")
    assert not result["partial"]


def test_splits_of_other_channels_are_refused_in_words(tmp_path: Path) -> None:
    (images, labels), (others, their_labels) = some(0, 60), some(60, 100)
    colour = others.repeat(3, axis=3)
    arrays = {"x_train": images, "y_train": labels, "x_test": colour, "y_test": their_labels}
    with pytest.raises(DatasetError, match="1 channels of uint8 and 3 channels"):
        of_file(tmp_path, arrays)


def test_images_of_nan_are_counted_and_left_out(tmp_path: Path) -> None:
    (images, labels), (others, their_labels) = some(0, 60), some(60, 90)
    broken = images.astype(np.float32) / 255
    broken[:50, 3, 3] = np.nan
    whole = others.astype(np.float32) / 255
    arrays = {"x_train": broken, "y_train": labels, "x_test": whole, "y_test": their_labels}
    result = of_file(tmp_path, arrays)
    assert result["splits"] == {"train": 10, "test": 30}
    assert found(result, "unreadable")["severity"] == "error"
    assert "NaN" in found(result, "unreadable")["sentence"]
    assert "too few" in why(result, "foreign")
    assert "Too few images of the same classes" in why(result, "distribution")


@pytest.mark.parametrize("sure", [None, 0.9])
def test_a_split_with_one_image(sure: float | None) -> None:
    (images, labels), (one, its_label) = some(0, 120), some(120, 121)
    result = in_memory({"train": images, "test": one}, {"train": labels, "test": its_label}, sure)
    assert "test has 1 labelled image for 10 classes" in why(result, "balance")
    assert why(result, "distribution")
    assert "test" in why(result, "foreign")
    assert why(result, "gaps")
    assert not any(one["kind"] == "imbalance" for one in result["findings"])
    assert "If this one was right" in " ".join(one["sentence"] for one in result["findings"])


def test_nothing_but_single_images() -> None:
    parts = [some(i, i + 1) for i in range(2)]
    images = dict(zip(("train", "test"), (part[0] for part in parts), strict=True))
    labels = dict(zip(("train", "test"), (part[1] for part in parts), strict=True))
    result = in_memory(images, labels, checks=())
    told = {one["check"] for one in result["not_checked"]}
    silent = {"distribution", "foreign", "labels", "disjoint", "balance", "shortcuts", "quality"}
    assert silent <= told


@pytest.mark.parametrize("sure", [None, 0.9])
def test_images_of_one_value_all_over(sure: float | None) -> None:
    labels = some(0, 150)[1]
    images = {
        "train": np.full((100, 8, 8, 1), 7, np.uint8),
        "test": np.full((50, 8, 8, 1), 7, "u1"),
    }
    of = {"train": labels[:100], "test": labels[100:]}
    result = in_memory(images, of, sure, checks=())
    assert found(result, "quality")["severity"] == "error"
    assert found(result, "leak_exact")["n_samples"] == 150
    assert "too few" in why(result, "disjoint")
    assert why(result, "shortcuts")


@pytest.mark.parametrize("value", [0, 255])
def test_images_each_of_one_value_beside_others(value: int) -> None:
    images, labels = some(0, 160)
    images = images.copy()
    images[:60] = (value + np.arange(60, dtype=np.uint8))[:, None, None, None]
    result = in_memory({"all": images}, {"all": labels})
    assert "60 images" in found(result, "quality")["sentence"]


@pytest.mark.parametrize("sure", [None, 0.9])
def test_one_image_thousands_of_times_costs_nothing(sure: float | None) -> None:
    image, labels = some(0, 1)[0], np.arange(6_000, dtype=np.int32) % 10
    images = {"train": image.repeat(5_000, axis=0), "test": image.repeat(1_000, axis=0)}
    of = {"train": labels[:5_000], "test": labels[5_000:]}
    result = in_memory(images, of, sure, checks=())
    assert found(result, "leak_exact")["n_samples"] == 6_000
    assert len(found(result, "leak_exact")["samples"]) == 200
    assert len(found(result, "leak_exact")["action"]["samples"]) == 1_000
    assert "too few" in why(result, "disjoint")
    assert "Fewer than two classes" in why(result, "shortcuts")


@pytest.mark.parametrize("sure", [None, 0.9])
def test_a_thousand_classes(sure: float | None) -> None:
    rng = np.random.default_rng(0)
    labels = (np.arange(1_200) % 1_000).astype(np.int32)
    images = rng.integers(0, 255, (1_200, 8, 8, 1), dtype=np.uint8)
    parts = {"train": slice(0, 1_000), "test": slice(1_000, 1_200)}
    result = in_memory(
        {name: images[part] for name, part in parts.items()},
        {name: labels[part] for name, part in parts.items()},
        sure,
        names=1_000,
    )
    assert "1,000 labelled images for 1,000 classes" in why(result, "balance")
    assert why(result, "shortcuts")
    assert not any(one["kind"] == "imbalance" for one in result["findings"])
    assert all(len(one["sentence"]) < 600 for one in result["findings"])


@pytest.mark.parametrize("sure", [None, 0.9])
def test_splits_without_a_common_class(sure: float | None) -> None:
    images, labels = some(0, 240)
    low = labels < 5
    result = in_memory(
        {"train": images[low], "test": images[~low]},
        {"train": labels[low], "test": labels[~low]},
        sure,
    )
    assert found(result, "label_set_mismatch")["severity"] == "error"
    assert "same classes" in why(result, "distribution")
    uneven = [one for one in result["findings"] if one["kind"] == "imbalance"]
    assert all(one["explained_by"] for one in uneven)


def test_no_label_at_all() -> None:
    images, _ = some(0, 150)
    nothing = np.full(150, -1, np.int32)
    result = in_memory({"all": images}, {"all": nothing})
    assert {"labels", "balance", "shortcuts", "gaps"} <= {
        one["check"] for one in result["not_checked"]
    }


# -- stopping -----------------------------------------------------------------------------
def endless(_material: Any, _found: Any) -> Any:
    yield Unable("endless", "Something small is not known.")
    while True:
        yield Progress(1, 2, "going on")


def one_finding(_material: Any, _found: Any) -> Any:
    yield Finding(
        *("balance", "imbalance", Severity.WARNING, 1.0, "It is so.", "As when."),
        Remedy("Mend it."),
    )


@pytest.fixture
def slow_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = {"balance": one_finding, "disjoint": endless, "gaps": one_finding}
    monkeypatch.setattr(session, "CHECKS", checks)


def small() -> Any:
    images, labels = some(0, 20)
    return audit_material({"all": images}, {"all": labels})


@pytest.mark.usefixtures("slow_checks")
def test_what_was_found_before_it_was_stopped_is_reported_as_partial() -> None:
    controls = Controls()
    events = []
    for event in checked(small(), pace=Pace(("balance", "disjoint", "gaps"), controls=controls)):
        events.append(event)
        if isinstance(event, Progress) and event.doing == "going on":
            controls.send("finish")
    result = last(events)
    assert [one["kind"] for one in result["findings"]] == ["imbalance"]
    assert (result["partial"], result["unfinished"]) == (True, ["disjoint", "gaps"])
    assert "stopped while this was looked at" in why(result, "disjoint")
    assert "stopped before this was looked at" in why(result, "gaps")
    assert sum(isinstance(event, Found) for event in events) == 1
    said = [(event.check, event.sentence) for event in events if isinstance(event, Unable)]
    assert said == [(one["check"], one["why"]) for one in result["not_checked"]]


def test_once_the_time_is_over_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = {"disjoint": endless, "quality": one_finding, "labels": endless, "gaps": one_finding}
    monkeypatch.setattr(session, "CHECKS", checks)
    monkeypatch.setattr(pace.time, "monotonic", itertools.count().__next__)  # 1 s for each look
    of = Pace(tuple(checks), 100)
    of.begin(READING, "reading")
    result = last(list(checked(small(), pace=of)))
    assert result["unfinished"] == ["disjoint", "labels", "gaps"]  # which left time for `quality`
    assert "while this was looked at" in why(result, "disjoint")
    assert "while this was looked at" in why(result, "labels")
    assert "before this was looked at" in why(result, "gaps")
    assert all("--minutes" in why(result, name) for name in result["unfinished"])


def test_without_an_end_nothing_is_partial() -> None:
    result = last(list(checked(small(), ("balance",))))
    assert (result["partial"], result["unfinished"], result["checks"]) == (False, [], ["balance"])
