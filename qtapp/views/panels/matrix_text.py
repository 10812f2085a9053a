"""Cells of the confusion matrix in words and figures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from models.review.confusion import Cell, Matrix, Pair

_SHORT = 18  # letters of a name in a sentence


def tr(text: str) -> str:
    return QCoreApplication.translate("", text)  # lupdate files it under no class


def share_text(share: float) -> str:
    """A share in percent, with a decimal below ten: "7.2%", "88%"."""
    return tr("{0}%").format(figure_text(share))


def figure_text(share: float) -> str:
    """The same, without its sign, for a cell."""
    percent = 100 * share
    if 0 < percent < 0.05:
        return "<.1"
    return f"{percent:.1f}" if percent < 9.95 else f"{percent:.0f}"


def summary(matrix: Matrix) -> str:
    """All cells in a sentence."""
    if not matrix.n:
        return tr("No labelled image has a prediction here.")
    said = tr("{share} of {n:,} labelled images look like their label.").format(
        share=share_text(matrix.n_agreeing / matrix.n), n=matrix.n
    )
    if matrix.n_unscored:
        said += " " + tr("{n:,} without a score are left out.").format(n=matrix.n_unscored)
    return said


def sentence(cell: Cell, matrix: Matrix, names: Sequence[str]) -> str:
    """A cell, a row or a column. `names` by class code."""
    places = {code: place for place, code in enumerate(matrix.codes.tolist())}
    if cell.label is None and cell.predicted is not None:
        column = places[cell.predicted]
        n = int(matrix.counts[:, column].sum())
        right = int(matrix.counts[column, column])
        said = tr("{n:,} images look like {name}.").format(n=n, name=names[cell.predicted])
        if not n:
            return said
        return f"{said} " + tr("{share} of them are labelled so.").format(
            share=share_text(right / n)
        )
    assert cell.label is not None
    row, label = places[cell.label], names[cell.label]
    n_label = int(matrix.counts[row].sum())
    if cell.predicted is None:
        said = tr("{n:,} images are labelled {name}.").format(n=n_label, name=label)
        if not n_label:
            return said
        return f"{said} " + tr("{share} of them look like it.").format(
            share=share_text(float(matrix.rates[row, row]))
        )
    n = int(matrix.counts[row, places[cell.predicted]])
    return counted(n, n_label, label, names[cell.predicted])


def counted(n: int, n_label: int, label: str, predicted: str) -> str:
    """One cell in a sentence."""
    if not n:
        return tr("No image labelled {label} looks like {predicted}.").format(
            label=label, predicted=predicted
        )
    text = (
        tr("1 image labelled {label} looks like {predicted}, {share} of {label}.")
        if n == 1
        else tr("{n:,} images labelled {label} look like {predicted}, {share} of {label}.")
    )
    return text.format(n=n, label=label, predicted=predicted, share=share_text(n / n_label))


def joined(label: str, predicted: str) -> str:
    """What is taken for what."""
    return tr("{label} → {predicted}").format(
        label=_isolated(label), predicted=_isolated(predicted)
    )


def interval_text(pair: Pair) -> str:
    """The interval of a pair's rate: "6.5–7.9"."""
    low, high = map(figure_text, pair.interval)
    return f"{low}–{high}"


def short(name: str) -> str:
    """A class name that leaves room for the rest of a sentence."""
    if len(name) <= _SHORT:
        return name
    return f"{name[: _SHORT // 2]}…{name[-(_SHORT // 2) + 1 :]}"


def _isolated(name: str) -> str:
    """A name from right to left turns nothing round but itself."""
    return name if name.isascii() else f"\u2068{name}\u2069"
