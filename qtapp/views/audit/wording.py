"""Findings of an audit as a person reads them."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt

from models.types import Progress
from qtapp.commands.remedies import RENAMING, Plan
from qtapp.state.audit_findings import ERROR, NOTE, WARNING, AuditReport, Finding

FACES = {  # severity -> glyph, colour
    ERROR: ("error", "danger"),
    WARNING: ("warning", "suggested"),
    NOTE: ("info", "text_muted"),
}
NOT_CHECKED = ("circle", "text_muted")
_CLASSES_NAMED = 4
_LONG_WORD = re.compile(r"\S{25,}")
_BREAK_AFTER = 24


def tr(text: str) -> str:
    return QCoreApplication.translate("", text)  # lupdate files it under no class


def severity_name(severity: str) -> str:
    return {ERROR: tr("Error"), WARNING: tr("Warning"), NOTE: tr("Note")}.get(severity, severity)


def title(finding: Finding) -> str:
    """What kind of thing was found."""
    return _kinds().get(finding.kind, finding.kind.replace("_", " ").capitalize())


def where(finding: Finding) -> str:
    """Splits, then classes, as many as can be read."""
    named = ", ".join(finding.classes[:_CLASSES_NAMED])
    more = len(finding.classes) - _CLASSES_NAMED
    if more > 0:
        named = tr("{classes} and {n:,} more").format(classes=named, n=more)
    return " · ".join(filter(None, (", ".join(finding.splits), named)))


def headline(finding: Finding) -> str:
    place = where(finding)
    said = f"{title(finding)}: {place}" if place else title(finding)
    return ("↳ " if finding.depth else "") + said


def heading(finding: Finding) -> str:
    """Over the sentence, which names the classes."""
    said = f"{severity_name(finding.severity)}  {title(finding)}"
    return f"{said}: {', '.join(finding.splits)}" if finding.splits else said


def spoken(finding: Finding) -> str:
    """All of a line for who does not see it."""
    said = f"{severity_name(finding.severity)}. {headline(finding).removeprefix('↳ ')}. "
    follows = tr("Follows from another finding. ") if finding.depth else ""
    return said + follows + finding.sentence


def measured(finding: Finding) -> str:
    """Effect with its interval, and how sure it is."""
    parts = []
    if finding.effect is not None:
        ends = finding.ci95 or ()
        as_share = all(abs(value) <= 1 for value in (finding.effect, *ends))
        effect = tr("Effect {0}").format(_number(finding.effect, as_share=as_share))
        if ends:
            low, high = (_number(end, as_share=as_share) for end in ends)
            effect += tr(" (95% interval {low} to {high})").format(low=low, high=high)
        parts.append(effect)
    parts.append(tr("sure to {0:.0%}").format(finding.confidence))
    return " · ".join(parts)


def _number(value: float, *, as_share: bool) -> str:
    text = f"{value:.1%}" if as_share else f"{value:,.3g}"
    return text.replace("-", "−")


def remedy_button(finding: Finding) -> str:
    """What the button of a remedy does."""
    return {
        "exclude": tr("Exclude them"),
        "keep_one": tr("Keep one of each"),
        RENAMING: tr("Exchange the labels"),
    }.get(finding.action, tr("Apply"))


def foreseen(finding: Finding, plan: Plan, undo_key: str) -> str:
    """What the remedy would do now, before anybody presses a key."""
    if plan.is_applied:
        return tr("Applied. A new audit says whether it is gone.")
    if plan.is_outdated:
        return tr("The labels have changed since: audit again before exchanging them.")
    n = len(plan.step)
    if not n:
        return ""
    said = (
        tr("{n:,} labels of {split} will change").format(n=n, split=", ".join(finding.splits))
        if finding.action == RENAMING
        else tr("{n:,} images will be left out").format(n=n)
    )
    if plan.n_locked:
        return tr("{what}, once the split is unlocked: {n:,} of these images are locked.").format(
            what=said, n=plan.n_locked
        )
    return tr("{what}; {key} undoes.").format(what=said, key=undo_key) if undo_key else f"{said}."


def shown_text(n_shown: int, n_samples: int) -> str:
    """The button that shows the images in the grid."""
    if n_shown < n_samples:
        return tr("Show {n:,} of {all:,} in the grid").format(n=n_shown, all=n_samples)
    return tr("Show {n:,} in the grid").format(n=n_shown)


def summary(report: AuditReport, *, is_running: bool, is_outdated: bool) -> str:
    """One line over the list."""
    n = dict.fromkeys((ERROR, WARNING, NOTE), 0)
    for finding in report.findings:
        n[finding.severity] = n.get(finding.severity, 0) + (not finding.depth)
    if report.findings:
        counts = (
            (n[ERROR], tr("1 error"), tr("{n:,} errors")),
            (n[WARNING], tr("1 warning"), tr("{n:,} warnings")),
            (n[NOTE], tr("1 note"), tr("{n:,} notes")),
        )
        told = [(one if k == 1 else many.format(n=k)) for k, one, many in counts if k]
        parts = [", ".join(told)]
    else:
        parts = [tr("Nothing found yet") if report.is_partial else tr("Nothing found")]
    if not is_running:
        parts += _how(report)
    if is_outdated and not is_running:
        parts.append(tr("labels have changed since: audit again"))
    return " · ".join(parts)


def _how(report: AuditReport) -> list[str]:
    said = []
    if report.is_partial:
        said.append(tr("stopped: only a part was checked"))
    elif report.is_quick:
        said.append(tr("quick"))
    if not report.has_model:
        said.append(tr("without a model"))
    if report.created:
        moment = QDateTime.fromString(report.created, Qt.DateFormat.ISODate).toLocalTime()
        said.append(QLocale().toString(moment, QLocale.FormatType.ShortFormat))
    return said


def doing(progress: Progress | None) -> str:
    if progress is None:
        return tr("Opening the images…")
    return tr("{what}…").format(what=progress.doing[:1].upper() + progress.doing[1:])


def nothing_yet(*, is_running: bool, has_model: bool, is_training: bool) -> str:
    """In place of a list that is empty."""
    if is_running:
        return tr("What is found appears here.")
    said = tr(
        "An audit looks for leaks between splits, copies, wrong labels, and splits that were "
        "processed in different ways. It changes nothing."
    )
    if has_model:
        return said
    if is_training:
        lacking = tr(
            "The model that is training has not seen the images yet: now only what can be told "
            "without one would be checked."
        )
    else:
        lacking = tr("No model was trained yet: wrong labels are only found with one.")
    return f"{said}\n\n{lacking}"


def all_well(report: AuditReport) -> str:
    if report.not_checked:
        return tr(
            "Nothing found in what could be checked. What could not be checked, and why, is "
            "listed at the left."
        )
    return tr("Nothing found that costs accuracy or trust.")


def breakable(text: str) -> str:
    """The same with room for a line break inside of words that are longer than a line."""

    def parted(word: re.Match[str]) -> str:
        whole = word.group()
        parts = [whole[i : i + _BREAK_AFTER] for i in range(0, len(whole), _BREAK_AFTER)]
        return "\u200b".join(parts)

    return _LONG_WORD.sub(parted, text)


def check_name(check: str) -> str:
    return {
        "gaps": tr("Differences in accuracy"),
        "labels": tr("Labels"),
        "distribution": tr("How images look"),
        "disjoint": tr("Copies and leaks"),
        "foreign": tr("Foreign images"),
        "related": tr("Series of images"),
        "balance": tr("Balance of classes"),
        "shortcuts": tr("Shortcuts"),
        "quality": tr("Quality of images"),
    }.get(check, check.replace("_", " ").capitalize())


def _kinds() -> dict[str, str]:
    return {
        "label_noise": tr("Wrong labels"),
        "class_swap": tr("Classes exchanged"),
        "label_offset": tr("Class numbers shifted"),
        "misaligned": tr("Labels out of step"),
        "class_shuffled": tr("Labels of a class mixed up"),
        "labels_random": tr("Labels at random"),
        "class_absorbed": tr("Class absorbed by another"),
        "label_set_mismatch": tr("Splits with other classes"),
        "order": tr("Split in order"),
        "duplicate_exact": tr("Exact copies"),
        "duplicate_near": tr("Near copies"),
        "duplicate_conflict": tr("Copies with other labels"),
        "leak_exact": tr("Leak, exact copies"),
        "leak_near": tr("Leak, near copies"),
        "related": tr("Related images in several splits"),
        "label_shift": tr("Other shares of classes"),
        "class_missing": tr("Class missing"),
        "brightness": tr("Other brightness"),
        "contrast": tr("Other contrast"),
        "blur": tr("Blurred"),
        "noise": tr("Noise added"),
        "grey": tr("Grey instead of colour"),
        "channel_order": tr("Colour channels exchanged"),
        "inverted": tr("Inverted"),
        "flipped": tr("Mirrored"),
        "rotated": tr("Turned"),
        "scaling": tr("Other range of values"),
        "resampled": tr("Resampled"),
        "jpeg": tr("JPEG traces"),
        "border": tr("Border added"),
        "foreign_images": tr("Foreign images"),
        "imbalance": tr("Imbalance"),
        "class_too_small": tr("Class too small"),
        "shortcut": tr("Shortcut"),
        "quality": tr("Poor images"),
        "unreadable": tr("Unreadable images"),
        "gap_unexplained": tr("Unexplained gap"),
        "too_good": tr("Too good to be true"),
    }
