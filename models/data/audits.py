"""The last whole audit of a dataset in its project: audit.json, what it was about, what became of
its findings since; and what of earlier ones is true still."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.fingerprint import undated
from models.data.placing import replace_text
from models.review.copies import NO_COPY, joined, named_groups
from models.types import DatasetInfo, LabelVector, Mask, SampleIds

_NAME = "audit.json"
_RECHECKS = "audit_rechecks.json"
_EARLIER = "audit_earlier.json"
_ABOUT = "about"  # key of what is added to the JSON of `winnow audit`
OF_COPIES = "disjoint"  # the check whose groups are one picture each


@dataclass(frozen=True)
class KeptAudit:
    """An audit of earlier on. `since` names the splits whose labels have changed after it, or
    which have other images, as `moved` says."""

    result: dict[str, Any]  # as `winnow audit --json` prints it
    created: str  # ISO 8601, UTC
    quick: bool
    since: frozenset[str]
    moved: frozenset[str]  # those that are no more are among them
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
    """Keep an audit of these labels in place of the one before, whole or not at all. What earlier
    ones found to belong together stays: what is not torn any more is not found any more."""
    about = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "source": _source(info),
        "labels": _of_splits(info, labels),
        "members": _members(info),
        "included": _digest(included),
    }
    found = result.get("findings", ())
    earlier = {
        "source": _source(info),
        "groups": _listed(joined(related_images(project, info), related_by(found, info.n))),
        "findings": {**earlier_findings(project), **dict(_settable(found))},
    }
    replace_text(project / _EARLIER, json.dumps(earlier))
    (project / _RECHECKS).unlink(missing_ok=True)  # first: they are of the audit before
    replace_text(project / _NAME, json.dumps({**result, _ABOUT: about}))


def is_kept(project: Path) -> bool:
    """Whether there is an audit, whatever it is about."""
    return (project / _NAME).exists()


def kept_audit(
    project: Path, info: DatasetInfo, labels: LabelVector, included: Mask
) -> KeptAudit | None:
    """The audit that is kept, beside the labels as they are now; None where there is none."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        result = json.loads((project / _NAME).read_bytes())
        about = result.pop(_ABOUT)
        now, then = _of_splits(info, labels), about["labels"]
        since = frozenset(name for name in now if then.get(name) != now[name])
        moved = _differing(about.get("members", {}), _members(info))
        included_changed = about["included"] != _digest(included)
        if result["schema"] == 1 and about["source"] == _source(info):
            about = str(about["created"]), bool(about["quick"])
            return KeptAudit(result, *about, since, moved, included_changed)
    return None


def earlier_findings(project: Path) -> dict[str, dict[str, Any]]:
    """What is known of the findings of all audits that were kept, by their id: "id", "kind",
    "sentence", "remedy" and what that sets, as "action", of those that have one. Nothing where
    there are none, or none that can be read."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        known = json.loads((project / _EARLIER).read_bytes())["findings"]
        return {name: one for name, one in known.items() if one["action"]["name"]}
    return {}


def keep_rechecks(project: Path, rechecks: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep what became of findings of the last audit after their remedies, by their id:
    {"outcome": "gone|lesser|there|unknown", "left": [sentences], "why": ""}."""
    replace_text(project / _RECHECKS, json.dumps(rechecks))


def kept_rechecks(project: Path) -> dict[str, dict[str, Any]]:
    """What `keep_rechecks` kept; nothing where there is nothing, or nothing that can be read."""
    with suppress(OSError, ValueError):
        kept = json.loads((project / _RECHECKS).read_bytes())
        if isinstance(kept, dict):
            return {name: said for name, said in kept.items() if isinstance(said, dict)}
    return {}


def related_images(project: Path, info: DatasetInfo) -> LabelVector:
    """Which images belong together by all audits of this source that were kept, near copies and
    series, as `related_by` names them; none where there was no audit. (n,)"""
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = json.loads((project / _EARLIER).read_bytes())
        if kept["source"] == _source(info):
            return related_by([{"action": kept}], info.n)
    return related_by((), info.n)


def related_by(findings: Sequence[Mapping[str, Any]], n: int, check: str = "") -> LabelVector:
    """The images that findings, all or those of a check, name as "groups" in their action: (n,)
    the first image of the group each is in, NO_COPY where in none. Groups that share an image are
    one; what is no group of these n images is passed over."""
    found: list[SampleIds] = []
    for finding in findings:
        with suppress(ValueError, TypeError, AttributeError, OverflowError):
            if not check or finding.get("check") == check:
                groups = (finding.get("action") or {}).get("groups", ())
                found += [np.array(ids, np.int64) for ids in groups]
    return named_groups([ids for ids in found if _is_group(ids, n)], n)


def _settable(findings: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Of findings that have a remedy what it takes to bring back what was before that."""
    for one in findings:
        if (action := one.get("action")) and "id" in one:
            sets = {key: action[key] for key in ("name", "split", "undo") if key in action}
            words = {key: one[key] for key in ("id", "kind", "sentence", "remedy")}
            yield one["id"], {**words, "action": sets}


def _differing(then: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name for name in {*then, *now} if then.get(name) != now.get(name))


def _listed(together: LabelVector) -> list[list[int]]:
    """Groups by their images; `together` names them, (n,)."""
    ids = np.flatnonzero(together != NO_COPY)
    ids = ids[np.argsort(together[ids], kind="stable")]
    cuts = np.flatnonzero(np.diff(together[ids])) + 1
    return [part.tolist() for part in np.split(ids, cuts) if len(part)]


def _is_group(ids: SampleIds, n: int) -> bool:
    return ids.ndim == 1 and len(ids) > 1 and bool(ids.min() >= 0 and ids.max() < n)


def _source(info: DatasetInfo) -> str:
    """Of which images it is, in the order of their ids, wherever these lie."""
    about = [undated(info.fingerprint), info.request.get("boxes", False)]
    source = json.dumps(about, sort_keys=True)
    return hashlib.sha256(source.encode()).hexdigest()


def _ids_by_split(info: DatasetInfo) -> dict[str, SampleIds]:
    codes = info.split_codes()
    return {name: np.flatnonzero(codes == code) for code, name in enumerate(info.splits)}


def _members(info: DatasetInfo) -> dict[str, str]:
    """Which images are in each split."""
    return {name: _digest(ids) for name, ids in _ids_by_split(info).items()}


def _of_splits(info: DatasetInfo, labels: LabelVector) -> dict[str, str]:
    """Which images are in each split, and how they are labelled."""
    # What is undone in a split of the source makes other images of it.
    undone = {name: json.dumps(steps).encode() for name, steps in info.undone.items()}
    return {
        name: _digest(ids, labels[ids], np.frombuffer(undone.get(name, b""), np.uint8))
        for name, ids in _ids_by_split(info).items()
    }


def _digest(*arrays: NDArray[Any]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(array.tobytes())
    return digest.hexdigest()
