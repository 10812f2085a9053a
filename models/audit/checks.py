"""Every check of an audit, in the order they run: what explains others comes before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from models.audit.balance import check_balance
from models.audit.disjoint import check_disjoint
from models.audit.distribution import check_distribution
from models.audit.finding import Finding
from models.audit.foreign import check_foreign
from models.audit.gaps import check_gaps
from models.audit.labels import check_labels
from models.audit.material import AuditMaterial
from models.audit.quality import check_quality
from models.audit.related import check_related
from models.audit.shortcuts import check_shortcuts
from models.types import Event

Check = Callable[[AuditMaterial, Sequence[Finding]], Iterator[Finding | Event]]
"""Takes what was found before it, yields findings, Progress, and Unable where it cannot tell."""

CHECKS: Mapping[str, Check] = {
    "distribution": check_distribution,
    "foreign": check_foreign,
    "related": check_related,
    "balance": check_balance,
    "quality": check_quality,
    "disjoint": check_disjoint,  # which takes longer than all others together
    "labels": check_labels,
    "shortcuts": check_shortcuts,
    "gaps": check_gaps,
}
