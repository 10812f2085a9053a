"""Every check of an audit, in the order they run: what explains others comes before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from models.audit.balance import check_balance
from models.audit.disjoint import check_disjoint
from models.audit.distribution import check_distribution
from models.audit.finding import Finding
from models.audit.gaps import check_gaps
from models.audit.labels import check_labels
from models.audit.material import AuditMaterial
from models.types import Event

Check = Callable[[AuditMaterial, Sequence[Finding]], Iterator[Finding | Event]]
"""Takes what was found before it, yields findings, Progress, and Unable where it cannot tell."""

CHECKS: Mapping[str, Check] = {
    "distribution": check_distribution,
    "labels": check_labels,
    "disjoint": check_disjoint,
    "balance": check_balance,
    "gaps": check_gaps,
}
