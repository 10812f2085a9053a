"""The last whole audit of a dataset in its project: audit.json, and what it was about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.placing import replace_text
from models.types import DatasetInfo, LabelVector, Mask

_NAME = "audit.json"
_ABOUT = "about"  # key of what is added to the JSON of `winnow audit`


@dataclass(frozen=True)
class KeptAudit:
    """An audit of earlier on. `since` names the splits whose labels have changed after it."""

    result: dict[str, Any]  # as `winnow audit --json` prints it
    created: str  # ISO 8601, UTC
    quick: bool
    since: frozenset[str]
    included_changed: bool  # other images are left out now


def keep_audit(
    project: Path,
    info: DatasetInfo,
    result: Mapping[str, Any],
    labels: LabelVector,
    included: Mask,
    *,
    quick: bool,
) -> None:
    """Keep an audit of these labels in place of the one before, whole or not at all."""
    about = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "labels": _of_splits(info, labels),
        "included": _digest(included),
    }
    replace_text(project / _NAME, json.dumps({**result, _ABOUT: about}))


def kept_audit(
    project: Path, info: DatasetInfo, labels: LabelVector, included: Mask
) -> KeptAudit | None:
    """The audit that is kept, beside the labels as they are now; None where there is none."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        result = json.loads((project / _NAME).read_bytes())
        about = result.pop(_ABOUT)
        now, then = _of_splits(info, labels), about["labels"]
        since = frozenset(name for name in now if then.get(name) != now[name])
        included_changed = about["included"] != _digest(included)
        if result["schema"] == 1:
            return KeptAudit(
                result, str(about["created"]), bool(about["quick"]), since, included_changed
            )
    return None


def _of_splits(info: DatasetInfo, labels: LabelVector) -> dict[str, str]:
    """Which images are in each split, and how they are labelled."""
    codes = info.split_codes()
    members = {name: np.flatnonzero(codes == code) for code, name in enumerate(info.splits)}
    return {name: _digest(ids, labels[ids]) for name, ids in members.items()}


def _digest(*arrays: NDArray[Any]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(array.tobytes())
    return digest.hexdigest()
