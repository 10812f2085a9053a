"""Findings of an audit as a person reads them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt

from models.review.remedies import Outcome
from models.types import Progress
from qtapp.state.audit_findings import ERROR, NOTE, WARNING, AuditReport, Finding, Recheck

FACES = {  # severity -> glyph, colour
    ERROR: ("error", "danger"),
    WARNING: ("warning", "suggested"),
    NOTE: ("info", "text_muted"),
}
NOT_CHECKED = ("circle", "text_muted")
CLASSES_NAMED = 4


def tr(text: str) -> str:
    return QCoreApplication.translate("", text)  # lupdate files it under no class


def severity_name(severity: str) -> str:
    return {ERROR: tr("Error"), WARNING: tr("Warning"), NOTE: tr("Note")}.get(severity, severity)


def title(finding: Finding) -> str:
    """What kind of thing was found."""
    return _kinds().get(finding.kind, finding.kind.replace("_", " ").capitalize())


def where(finding: Finding) -> str:
    """Splits, then classes, as many as can be read."""
    named = ", ".join(finding.classes[:CLASSES_NAMED])
    more = len(finding.classes) - CLASSES_NAMED
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


def outcome(recheck: Recheck | None) -> str:
    """What became of it after its remedy; nothing where that is not known."""
    if recheck is None:
        return ""
    return {
        Outcome.GONE: tr("Gone"),
        Outcome.LESSER: tr("Less of it left"),
        Outcome.THERE: tr("Still there"),
    }.get(recheck.outcome, "")


def spoken(finding: Finding, recheck: Recheck | None = None) -> str:
    """All of a line for who does not see it."""
    standing = ". ".join(filter(None, (severity_name(finding.severity), outcome(recheck))))
    said = f"{standing}. {headline(finding).removeprefix('↳ ')}. "
    follows = tr("Follows from another finding. ") if finding.depth else ""
    return said + follows + finding.sentence


def measured(finding: Finding) -> str:
    """Effect with its interval, and how sure it is."""
    sure = tr("sure to {0:.0%}").format(finding.confidence)
    return " · ".join(filter(None, (finding.effect, sure)))


def shown_text(n_shown: int, n_samples: int) -> str:
    """The button that shows the images in the grid."""
    if n_shown < n_samples:
        return tr("Show {n:,} of {all:,} in the grid").format(n=n_shown, all=n_samples)
    return tr("Show {n:,} in the grid").format(n=n_shown)


def summary(
    report: AuditReport, rechecks: Mapping[str, Recheck], *, is_running: bool, is_outdated: bool
) -> str:
    """One line over the list; what is gone since is not counted."""
    n = dict.fromkeys((ERROR, WARNING, NOTE), 0)
    gone = {one for one, found in rechecks.items() if found.outcome is Outcome.GONE}
    for finding in report.findings:
        is_counted = not finding.depth and finding.id not in gone
        n[finding.severity] = n.get(finding.severity, 0) + is_counted
    if report.findings:
        counts = (
            (n[ERROR], tr("1 error"), tr("{n:,} errors")),
            (n[WARNING], tr("1 warning"), tr("{n:,} warnings")),
            (n[NOTE], tr("1 note"), tr("{n:,} notes")),
        )
        told = [(one if k == 1 else many.format(n=k)) for k, one, many in counts if k]
        told += [tr("{n:,} gone").format(n=len(gone))] if gone else []
        parts = [", ".join(told)]
    else:
        parts = [tr("Nothing found yet") if report.is_partial else tr("Nothing found")]
    if not is_running:
        parts += _how(report)
    if is_outdated and not is_running:
        parts.append(tr("labels or images have changed since: audit again"))
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
    said = tr("{what}…").format(what=progress.doing[:1].upper() + progress.doing[1:])
    if math.isnan(progress.seconds_left):
        return said
    left = tr("about {n:,} s left").format(n=max(round(progress.seconds_left), 1))
    return f"{said} {left}"


def nothing_yet(*, is_running: bool, has_model: bool, is_training: bool) -> str:
    """In place of a list that is empty."""
    if is_running:
        return tr("What is found appears here.")
    said = tr(
        "An audit looks for leaks between splits, copies, wrong labels, and splits that were "
        "processed in different ways.\nIt changes nothing."
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
