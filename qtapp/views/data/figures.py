"""The row of figures at the top of the data page."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from models.types import DatasetInfo
from qtapp.views import theme as look
from qtapp.views.data.wording import Page, bytes_text, images_text, size_text, tr, value_text
from qtapp.views.parts import ElidedLabel, section, set_role


class Figure(QFrame):
    """One large number with its name above and a remark below."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self.setProperty("card", True)
        self._value, self._remark = ElidedLabel(), ElidedLabel()
        self._remark.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(look.space_4, look.space_3, look.space_4, look.space_3)
        column.setSpacing(look.space_1)
        column.addWidget(section(title))
        column.addStretch()
        column.addWidget(self._value)
        column.addStretch()
        column.addWidget(self._remark)

    def say(self, value: str, remark: str) -> None:
        self._value.set_whole(value)
        self._remark.set_whole(remark)
        self.setAccessibleName(f"{self._title}: {value}. {remark}")
        self._fit(value)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit(self._value.accessibleName())

    def _fit(self, value: str) -> None:
        """As large as there is room for: half a number is another number."""
        large = QFont(self.font())
        large.setPointSizeF(large.pointSizeF() * look.figure)
        large.setWeight(QFont.Weight.DemiBold)
        room = self.contentsRect().width() - 2 * look.space_4
        fits = QFontMetricsF(large).horizontalAdvance(value) <= room
        set_role(self._value, "figure" if fits else "title")


class Figures(QWidget):
    """Says at once what is known from opening; the rest once the images were looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.images = Figure(tr("Images"))
        self.classes = Figure(tr("Classes"))
        self.dimensions = Figure(tr("Size in pixels"))
        self.values = Figure(tr("Values"))
        self.disk = Figure(tr("On disk"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space_3)
        for figure in (self.images, self.classes, self.dimensions, self.values, self.disk):
            row.addWidget(figure, 1)

    def show_page(
        self, info: DatasetInfo, n_classes: int, unlabelled: int, page: Page | None
    ) -> None:
        """Classes and labels are counted as they stand."""
        self.images.say(f"{info.n:,}", self._splits(info))
        some, everyone = tr("{n:,} without a label"), tr("every image has a label")
        self.classes.say(f"{n_classes:,}", some.format(n=unlabelled) if unlabelled else everyone)
        self._show_size(info, page)
        self._show_values(info, page)
        if page is None:
            self.disk.say("…", "")
        else:
            in_memory = tr("{0} in memory").format(bytes_text(page["bytes_in_memory"]))
            known = page["bytes_in_memory"] > 0
            self.disk.say(bytes_text(page["bytes_on_disk"]), in_memory if known else "")

    def _splits(self, info: DatasetInfo) -> str:
        if list(info.splits) == ["all"]:
            return tr("in one set, not split")
        return " · ".join(f"{name} {n:,}" for name, n in info.splits.items())

    def _show_size(self, info: DatasetInfo, page: Page | None) -> None:
        if info.image_shape is not None:
            height, width, channels = info.image_shape
            colour = tr("grey") if channels == 1 else tr("colour")
            self.dimensions.say(size_text(width, height), tr("{0}, all alike").format(colour))
            return
        shapes: Page = page["shapes"] if page else {"n": 0}
        if not shapes["n"]:
            self.dimensions.say("…", tr("mixed sizes"))
            return
        most = shapes["sizes"][0]
        often = tr("most often {0}, {1}").format(
            size_text(most["width"], most["height"]), images_text(most["n"])
        )
        different = tr("1 size") if shapes["n"] == 1 else tr("{n:,} sizes").format(n=shapes["n"])
        self.dimensions.say(different, often)

    def _show_values(self, info: DatasetInfo, page: Page | None) -> None:
        values = page["values"] if page else None
        low, high = values["range"] if values else info.value_range
        remark = info.dtype
        if values:
            remark = tr("{0}, on average {1}").format(info.dtype, value_text(values["mean"]))
        self.values.say(tr("{0} to {1}").format(value_text(low), value_text(high)), remark)
