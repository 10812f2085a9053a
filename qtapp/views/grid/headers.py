"""The header above each group: what it is, how many images, how many of them are decided."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from models.review.copies import NO_COPY
from models.review.grouping import (
    AGREED,
    CLASS,
    CLUSTER,
    COPIES,
    NO_CLUSTER,
    PAIR,
    UNPREDICTED,
    Groups,
)
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.session import SessionState
from qtapp.state.view import ViewState
from qtapp.views import theme as look
from qtapp.views.grid.ink import TextInk
from qtapp.views.parts import mirrored, small_font
from qtapp.views.theme import Theme

_PAD = look.space_2
_WIDEST_NAMES = 0.6  # of the view's width


class GroupHeaders(QObject):
    """Paints one header at a time, and says it in words."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        order: OrderState,
        view: ViewState,
        theme: Theme,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.session, self._labels, self._order = session, labels, order
        self._view, self._theme = view, theme
        self.set_font(QFont(), 1.0)

    def set_font(self, font: QFont, ratio: float) -> None:
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        self._names, self._figures = TextInk(bold), TextInk(small_font(font))
        self._metrics, self._ratio = QFontMetrics(bold), ratio
        self._small_metrics = QFontMetrics(self._figures.font)
        self._marker_px = max(7, round(self._metrics.ascent() * 0.75)) | 1

    @property
    def height(self) -> int:
        """0 where nothing is grouped."""
        return self._metrics.height() + 2 * look.space_2 if self._order.groups else 0

    def words(self, group: int) -> str:
        """A header as it is read out."""
        names = [name for _, _, name in self._names_of(group)]
        return ", ".join([" → ".join(names), *self._figures_of(group)])

    def paint(self, painter: QPainter, rect: QRect, group: int, *, hovered: bool) -> None:
        """Over whatever lies there: it may stick to the top while tiles move below it."""
        theme = self._theme
        painter.fillRect(rect, theme.color("raised" if hovered else "window"))
        painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, theme.color("border"))
        x = rect.x() + _PAD  # as from the left; see mirrored
        y = rect.y() + (rect.height() - self._metrics.height()) // 2
        painter.setFont(self._names.font)
        painter.setPen(theme.color("text"))
        names = self._names_of(group)
        widest = round(rect.width() * _WIDEST_NAMES / len(names))
        for glyph, token, name in names:
            if glyph:
                side = self._marker_px
                place = QRect(x, rect.y() + (rect.height() - side + 1) // 2, side, side)
                marker = theme.pixmap(glyph, token, side, self._ratio)
                painter.drawPixmap(mirrored(painter, rect, place).topLeft(), marker)
                x += side + look.space_1
            text = self._names.text(name, widest)
            place = QRect(x, y, round(text.size().width()), 0)
            painter.drawStaticText(mirrored(painter, rect, place).topLeft(), text)
            x += place.width() + look.space_3
        painter.setFont(self._figures.font)
        painter.setPen(theme.color("text_muted"))
        text = self._figures.text(" · ".join(self._figures_of(group)), rect.right() - x)
        y += self._metrics.ascent() - self._small_metrics.ascent()
        place = QRect(x, y, round(text.size().width()), 0)
        painter.drawStaticText(mirrored(painter, rect, place).topLeft(), text)

    def _figures_of(self, group: int) -> list[str]:
        groups = self._groups()
        size, decided = int(groups.sizes[group]), int(groups.decided[group])
        said = [self.tr("1 image") if size == 1 else self.tr("{n:,} images").format(n=size)]
        if groups.by == CLUSTER and (number := int(groups.codes[group, 0])) != NO_CLUSTER:
            share = self.tr("{share:.0f}%").format(share=100 * float(groups.shares[group]))
            of_all = self.tr("{share} of {images}").format(share=share, images=said[0])
            said = [of_all, self.tr("cluster {number}").format(number=number)]
        if decided == size:
            said.append(self.tr("all decided"))
        elif decided:
            said.append(self.tr("{n:,} decided").format(n=decided))
        return said

    def _names_of(self, group: int) -> list[tuple[str, str, str]]:
        """Each name of a group with the glyph before it and its colour."""
        groups = self._groups()
        first, second = groups.codes[group].tolist()
        if groups.by == CLASS:
            return [("", "", self._labels.class_name(first))]
        if groups.by == PAIR:
            return self._pair(first, second)
        if groups.by == CLUSTER:
            mostly = self._labels.class_name(second)
            return [("", "", self.tr("In no cluster yet") if first == NO_CLUSTER else mostly)]
        if groups.by == COPIES:
            near = self.tr("The same or nearly the same image as {id}")
            same = (near if second else self.tr("The same image as {id}")).format(id=first)
            return [("", "", self.tr("No copies") if first == NO_COPY else same)]
        names = list(self.session.info.splits) if self.session.info else []
        return [("", "", names[first] if first < len(names) else "")]

    def _pair(self, given: int, predicted: int) -> list[tuple[str, str, str]]:
        if given == AGREED:
            return [("", "", self.tr("The model agrees with the given label"))]
        if given == UNPREDICTED:
            return [("", "", self.tr("Without a prediction"))]
        names = [("square", "given", self._labels.class_name(given))]
        if not self._view.predictions_hidden:
            names.append(("diamond", "suggested", self._labels.class_name(predicted)))
        return names

    def _groups(self) -> Groups:
        assert self._order.groups is not None
        return self._order.groups
