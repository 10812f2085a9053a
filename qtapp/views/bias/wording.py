"""Properties, associations and ranges in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from models.errors import WinnowError
from models.review.bias import EVERY, LEAST_SUSPECTS, SUSPECTS, Association, Report, Spread
from models.types import Progress


@dataclass(frozen=True)
class Words:
    """How one property is spoken of."""

    title: str
    less: str  # "darker"
    more: str
    least: str  # "Darkest"
    most: str


def tr(text: str) -> str:
    """The text in the person's language."""
    return QCoreApplication.translate("", text)  # lupdate files it under no class


def words(name: str) -> Words:
    """The words for a property, one of models.review.properties.PROPERTIES."""
    said = {
        "brightness": lambda: (
            tr("Brightness"), tr("darker"), tr("brighter"), tr("Darkest"), tr("Brightest"),
        ),
        "contrast": lambda: (
            tr("Contrast"), tr("less contrast"), tr("more contrast"),
            tr("Least contrast"), tr("Most contrast"),
        ),
        "sharpness": lambda: (
            tr("Sharpness"), tr("smoother"), tr("sharper"), tr("Smoothest"), tr("Sharpest"),
        ),
        "saturation": lambda: (
            tr("Saturation"), tr("greyer"), tr("more colourful"),
            tr("Greyest"), tr("Most colourful"),
        ),
        "warmth": lambda: (
            tr("Warmth"), tr("bluer"), tr("redder"), tr("Bluest"), tr("Reddest"),
        ),
        "border": lambda: (
            tr("Border brightness"), tr("darker border"), tr("brighter border"),
            tr("Darkest border"), tr("Brightest border"),
        ),
        "border_contrast": lambda: (
            tr("Border contrast"), tr("plainer border"), tr("busier border"),
            tr("Plainest border"), tr("Busiest border"),
        ),
        "width": lambda: (
            tr("Width"), tr("narrower"), tr("wider"), tr("Narrowest"), tr("Widest"),
        ),
        "height": lambda: (
            tr("Height"), tr("lower"), tr("higher"), tr("Lowest"), tr("Highest"),
        ),
        "aspect": lambda: (
            tr("Width over height"), tr("more upright"), tr("more oblong"),
            tr("Most upright"), tr("Most oblong"),
        ),
        "bytes_per_pixel": lambda: (
            tr("Bytes per pixel"), tr("smaller file"), tr("larger file"),
            tr("Smallest file for its size"), tr("Largest file for its size"),
        ),
    }  # fmt: skip
    return Words(*said[name]())


def group_name(group: int, names: Sequence[str]) -> str:
    """A class by its name, and the two groups beside them."""
    if group == SUSPECTS:
        return tr("Suspects")
    if group == EVERY:
        return tr("All images")
    return names[group] if group < len(names) else "–"  # taken back; it is soon tested again


def headline(one: Association, names: Sequence[str]) -> str:
    """Who is what: "Sandal: darker"."""
    return headline_of(group_name(one.group, names), one)


def headline_of(group: str, one: Association) -> str:
    """Likewise, where the name of the group may be cut."""
    said = words(one.name)
    return tr("{group}: {how}").format(
        group=_isolated(group),
        how=said.more if one.area > 0.5 else said.less,
    )


def share_of(one: Association) -> str:
    """In how many pairs it is so: "90%"."""
    return tr("{percent}%").format(percent=round(100 * max(one.area, 1 - one.area)))


def sentence(one: Association, names: Sequence[str]) -> str:
    """An association with its interval."""
    low, high = (one.low, one.high) if one.area > 0.5 else (1 - one.high, 1 - one.low)
    text = (
        tr("{what}. Of a suspect and another image of its class, it is so in {share} of pairs")
        if one.group == SUSPECTS
        else tr(
            "{what}. Of one of these and an image of another class, it is so in {share} of pairs"
        )
    )
    said = text.format(what=headline(one, names), share=share_of(one))
    return f"{said} " + tr("(95% interval {low:.1f} to {high:.1f}%; {n:,} images).").format(
        low=100 * low, high=100 * high, n=one.n
    )


def summary(report: Report, *, has_scores: bool) -> str:
    """What the tests found of suspicion, which should depend on none of this."""
    if not has_scores:
        return tr("Whether suspicion follows from a property can be said after the first look.")
    if not report.tests_suspects:
        return tr("Fewer than {n} suspects: too few to ask what they have in common.").format(
            n=LEAST_SUSPECTS
        )
    if not report.suspects:
        return tr("No property tells the {n:,} suspects from the rest of their classes.").format(
            n=report.n_suspects
        )
    return tr("The {n:,} suspects differ from the rest of their classes.").format(
        n=report.n_suspects
    )


def below(report: Report) -> str:
    """What stands under the list."""
    said = tr("% of pairs · {found:,} of {tested:,} tests of classes differ from chance.").format(
        found=report.n_found, tested=report.n_tested
    )
    if not report.n_found:
        return said
    return f"{said} " + tr("Most classes differ in how they look: ask whether this one should.")


def bin_text(spread: Spread, first: int, last: int, group: int, names: Sequence[str]) -> str:
    """A range of bins of a group: how many of it lie there."""
    counts = spread.counts(group)
    n, whole = int(counts[first : last + 1].sum()), int(counts.sum())
    low, high = bounds(spread, first, last)
    if low is None and high is None:
        where = tr("all")
    elif low is None:
        where = tr("below {high}").format(high=value_text(high or 0.0))
    elif high is None:
        where = tr("from {low}").format(low=value_text(low))
    else:
        where = tr("{low} to {high}").format(low=value_text(low), high=value_text(high))
    share = 100 * n / whole if whole else 0.0
    return tr("{title} {where}: {n:,} of {group} ({share:.1f}%)").format(
        title=words(spread.name).title, where=where, n=n,
        group=_isolated(group_name(group, names)), share=share,
    )  # fmt: skip


def bounds(spread: Spread, first: int, last: int) -> tuple[float | None, float | None]:
    """What a range of bins keeps; the outermost bins have no outer bound."""
    n_bins = len(spread.every)
    return (
        spread.edges[first] if first > 0 else None,
        spread.edges[last + 1] if last < n_bins - 1 else None,
    )


def value_text(value: float) -> str:
    """A value as short as it can be told: 0.35, 1,024."""
    text = f"{value:,.4g}" if abs(value) < 1_000 else f"{value:,.0f}"
    return text.replace("-", "−")


def progress_text(progress: Progress | None) -> str:
    """How far the measuring is."""
    if progress is None or not progress.total:
        return tr("Opening the images…")
    return measured_text(progress.done, progress.total)


def measured_text(done: int, total: int) -> str:
    """How many images are measured."""
    return tr("Measured {done:,} of {total:,} images").format(done=done, total=total)


def message(
    problem: WinnowError | None,
    *,
    has_labels: bool,
    is_running: bool,
    is_known: bool,
    varies: bool,
) -> str:
    """What stands where there is nothing to show."""
    if problem is not None:
        return str(problem)
    if is_running:
        return tr("Measuring brightness, sharpness, borders and more of every image…")
    if not has_labels:
        return tr("No image has a label yet: there is nothing to compare.")
    if varies:
        return tr("Asking of each property whether labels follow from it…")
    if is_known:
        return tr("All images are alike in everything that was measured.")
    return tr("Brightness, sharpness, borders, sizes: do the labels follow from any of it?")


def _isolated(name: str) -> str:
    """A name from right to left turns nothing round but itself."""
    return name if name.isascii() else f"\u2068{name}\u2069"
