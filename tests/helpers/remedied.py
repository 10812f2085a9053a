"""A project with an audit that found one thing of each kind, and what is done about these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import remedying
from models.data.audits import keep_audit
from models.labelling import labelling
from models.opening import Review, open_review, request_for
from models.processes.auditing import AuditRequest
from models.review.decisions import Status
from models.types import DatasetInfo, Events, Finished
from tests.helpers.findings import leak, message, swap

N_TRAIN, N_TEST = 40, 20
LEAKED = [40, 41, 42]
NAMES = ("ant", "bee", "Ants")
LEAK = "leak_exact:train+test"
INVERT = {"name": "undo_processing", "split": "test", "undo": {"name": "invert"}}
FINDINGS = (
    leak(LEAKED),
    swap("train", {"ant": "bee", "bee": "ant"}),
    message("label_set_mismatch:train+test", "error", check="labels",
            action={"name": "map_classes", "becomes": {"Ants": "ant"}}),
    message("order:train+test", "error", check="labels", action={"name": "split"}),
    message("imbalance:train", check="balance", action={"name": "class_weights"}),
    message("inverted:test", "error", check="distribution", action=INVERT),
    message("gap_unexplained:test", check="gaps"),
)  # fmt: skip


def insects(tmp_path: Path) -> Path:
    """Two splits with copies between them, the second with a class under another name."""
    rng = np.random.default_rng(0)
    n = N_TRAIN + N_TEST
    pixels = rng.integers(0, 256, (n, 8, 8), dtype=np.uint8)
    pixels[LEAKED] = pixels[: len(LEAKED)]
    labels = np.arange(n) % 2
    labels[N_TRAIN:][labels[N_TRAIN:] == 0] = 2
    names = np.array(NAMES)
    np.savez(
        tmp_path / "insects.npz",
        x_train=pixels[:N_TRAIN],
        y_train=labels[:N_TRAIN],
        x_test=pixels[N_TRAIN:],
        y_test=labels[N_TRAIN:],
        class_names=names,
    )
    with_review(request_for([tmp_path / "insects.npz"]), keep)
    assert now(tmp_path / "insects.winnow").labelling.class_names == NAMES
    return tmp_path / "insects.winnow"


def with_review(request: Any, use: Any) -> Any:
    review = open_review(request)
    try:
        return use(review)
    finally:
        review.close()


def keep(review: Review, findings: Sequence[Mapping[str, Any]] = FINDINGS) -> None:
    known = review.labelling
    result = {"schema": 1, "findings": list(findings), "not_checked": [], "run": None}
    included = known.status != Status.EXCLUDED
    keep_audit(review.project.path, review.info, result, known.labels, included, quick=True)


def ask_nobody(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the check of a finding finds when it is run again, in place of the auditor child."""
    found: list[dict[str, Any]] = []

    def audit(request: AuditRequest, info: DatasetInfo) -> Events:
        assert request.checks
        yield Finished({"findings": list(found), "not_checked": []})

    monkeypatch.setattr(remedying, "audit", audit)
    return found


def result(events: Events) -> dict[str, Any]:
    return [event.result for event in events if isinstance(event, Finished)][-1]


def now(project: Path) -> Review:
    review = open_review(request_for([project]))
    review.close()
    return review


def decide(project: Path, tmp_path: Path, *rows: str) -> None:
    decisions = tmp_path / "decisions.csv"
    decisions.write_text("\n".join(("sample_id,action", *rows)))
    result(labelling(project, decisions))
