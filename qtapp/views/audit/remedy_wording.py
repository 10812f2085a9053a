"""The remedy of a finding as a person reads it: what it would do, and whether it has helped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.review.remedies import (
    DIVIDING,
    MAPPING,
    RENAMING,
    UNDOING,
    WEIGHING,
    InForce,
    Outcome,
)
from qtapp.commands.remedies import Plan
from qtapp.state.audit_findings import Finding, Recheck
from qtapp.views.audit.wording import CLASSES_NAMED, tr


def remedy_button(finding: Finding) -> str:
    """What the button of a remedy does."""
    return {
        "exclude": tr("Exclude them"),
        "keep_one": tr("Keep one of each"),
        RENAMING: tr("Exchange the labels"),
        MAPPING: tr("Give them one name"),
        **dict.fromkeys(DIVIDING, tr("Split anew…")),
        WEIGHING: tr("Weigh classes in training"),
        UNDOING: tr("Undo it in the images"),
    }.get(finding.action, tr("Apply"))


def take_back_button(finding: Finding) -> str:
    """What the button does once the remedy is applied."""
    return {
        **dict.fromkeys(DIVIDING, tr("Splits of before again")),
        WEIGHING: tr("Weigh all images alike"),
        UNDOING: tr("Show the images as in the source"),
    }.get(finding.action, tr("Take it back"))


def ending(setting: InForce) -> str:
    """What taking back a setting does, where no finding stands beside it."""
    if setting.action == UNDOING:
        said = tr("No longer undo in {split}: {what}")
        return said.format(split=setting.split, what=_undone(setting.undo))
    if setting.action == WEIGHING:
        return tr("Weigh all images alike")
    return tr("Splits of before again")


def _undone(undo: Mapping[str, Any]) -> str:
    """What is undone by a step, in a word or two."""
    name = str(undo.get("name"))
    return {
        "invert": tr("inversion"),
        "mirror": tr("mirroring"),
        "flip": tr("mirroring"),
        "transpose": tr("rows for columns"),
        "turn": tr("turn"),
        "channels": tr("order of channels"),
        "add": tr("brightness"),
        "multiply": tr("scaling"),
        "contrast": tr("contrast"),
    }.get(name, name)


def foreseen(finding: Finding, plan: Plan, undo_key: str) -> str:
    """What the remedy would do now, before anybody presses a key; nothing once it is applied."""
    if plan.is_applied:
        return ""
    if plan.is_outdated:
        return tr("What it is about has changed since: audit again first.")
    n, places = len(plan.step), ", ".join(finding.splits)
    if plan.is_setting:
        return {
            WEIGHING: tr("From the next training on, every class counts for the same."),
            UNDOING: tr(
                "All images of {split} will be seen so, in training and exports too; the source "
                "stays as it is. The dataset opens anew."
            ).format(split=places),
        }.get(finding.action, tr("You see what it comes to before it is made."))
    if not n:
        return ""
    if finding.action == MAPPING:
        said = tr("{n:,} images: {names}").format(n=n, names=_pairs(finding))
    elif finding.action == RENAMING:
        said = tr("{n:,} labels of {split} will change").format(n=n, split=places)
        if plan.n_left_alone:
            said = tr("{what}, {n:,} that somebody decided on will not").format(
                what=said, n=plan.n_left_alone
            )
    elif n == 1:
        said = tr("1 image will be left out")
    else:
        said = tr("{n:,} images will be left out").format(n=n)
    if plan.n_locked:
        return tr("{what}, once the split is unlocked: {n:,} of these images are locked.").format(
            what=said, n=plan.n_locked
        )
    return tr("{what}; {key} undoes.").format(what=said, key=undo_key) if undo_key else f"{said}."


def _pairs(finding: Finding) -> str:
    pairs = [f"{old} → {new}" for old, new in finding.becomes.items()]
    more = len(pairs) - CLASSES_NAMED
    told = ", ".join(pairs[:CLASSES_NAMED])
    return tr("{pairs} and {n:,} more").format(pairs=told, n=more) if more > 0 else told


def came_of(finding: Finding, plan: Plan, recheck: Recheck | None, *, is_checking: bool) -> str:
    """Whether a remedy that was applied has helped. What was found in labels that are others now
    says so too, as long as it is not taken back."""
    if not (plan.is_applied or (plan.is_outdated and recheck is not None)):
        return ""
    if not plan.is_saved:
        return tr("Being saved…")
    if is_checking:
        return tr("Applied. Looking whether it is gone…")
    if finding.action == WEIGHING:
        return tr("Applied: the next training weighs the classes.")
    if recheck is None:
        return tr("Applied. A new audit says whether it is gone.")
    left = " ".join((*recheck.left, recheck.why)).strip()
    return {
        Outcome.GONE: tr("Applied, and it is gone: its check was run again."),
        Outcome.LESSER: tr("Applied; what is left costs less. {left}").format(left=left),
        Outcome.THERE: tr("Applied, but it is still there. {left}").format(left=left),
        Outcome.UNKNOWN: tr("Applied; whether it is gone cannot be told. {left}").format(left=left),
    }[recheck.outcome]


def outcome_role(recheck: Recheck | None, *, is_checking: bool) -> str:
    """The look of what is said about it."""
    if recheck is None or is_checking:
        return "small"
    return {Outcome.GONE: "success", Outcome.THERE: "danger"}.get(recheck.outcome, "small")
