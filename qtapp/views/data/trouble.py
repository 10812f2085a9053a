"""What of a dataset needs a look: broken, blank and unlabelled images, remarks, spellings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from models.review.spelling import SpellingGroup
from qtapp.views import theme as look
from qtapp.views.data.wording import Page, images_text, tr
from qtapp.views.parts import plain_tip, say
from qtapp.views.theme import Theme

_GLYPH_PX = 16
_EMPTY_NAMED = 5


class Line(QWidget):
    """A glyph, a sentence, and where it helps a button that shows what it is about."""

    def __init__(
        self,
        glyph: str,
        token: str,
        sentence: str,
        theme: Theme,
        show: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self._glyph, self._face, self._theme = QLabel(), (glyph, token), theme
        theme.changed.connect(self._redraw)
        self._redraw()
        self.sentence = QLabel()
        say(self.sentence, sentence)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space_2)
        row.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.sentence, 1)
        self.button: QPushButton | None = None
        if show is not None:
            self.button = link(tr("Show in grid"), show)
            self.button.setAccessibleName(tr("Show in grid: {0}").format(sentence))
            row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)

    def offer(self, text: str, spoken: str, run: Callable[[], None]) -> None:
        """One more button at the end of the line."""
        self.offered = link(text, run)
        self.offered.setAccessibleName(spoken)
        self.offered.setToolTip(plain_tip(spoken))
        row = self.layout()
        assert isinstance(row, QHBoxLayout)
        row.addWidget(self.offered, 0, Qt.AlignmentFlag.AlignTop)

    def _redraw(self) -> None:
        ratio = self.devicePixelRatioF()
        self._glyph.setPixmap(self._theme.pixmap(*self._face, _GLYPH_PX, ratio))


def link(text: str, run: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("link", True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.clicked.connect(lambda: run())
    return button


class Trouble(QWidget):
    """Sentences about what is wrong, each with a way to the images it is about."""

    images_wanted = Signal(object)  # list of sample ids
    classes_wanted = Signal(object)  # list of class names
    unlabelled_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._told: object = None
        self.lines: list[Line] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.space_2)

    def show_page(self, page: Page | None, unlabelled: int, counts: Mapping[str, int]) -> None:
        """Say what is known so far; `counts` are the images of each class by the labels now."""
        about = None if page is None else [{**page, "values": 0, "shapes": 0}, unlabelled, counts]
        if about is not None and about == self._told:
            return
        self._told = about
        lines = self._about(page, unlabelled, counts) if page else self._waiting()
        self.lines = _replaced(self._column, self.lines, lines)

    def _waiting(self) -> Sequence[Line]:
        said = tr("What is broken, blank or missing appears here while the images are looked at.")
        return [Line("info", "text_muted", said, self._theme)]

    def _about(self, page: Page, unlabelled: int, counts: Mapping[str, int]) -> Sequence[Line]:
        lines = [*self._about_images(page), *self._about_classes(page, counts)]
        if unlabelled:
            lines.append(
                Line(
                    "info",
                    "accent",
                    self._with_number(
                        unlabelled, tr("1 image has no label."), tr("{n:,} images have no label.")
                    ),
                    self._theme,
                    self.unlabelled_wanted.emit,
                )
            )
        lines += [Line("info", "text_muted", warning, self._theme) for warning in page["warnings"]]
        lines += self._all_well(page)
        return lines

    def _all_well(self, page: Page) -> Sequence[Line]:
        looked, lines = page["looked_at"], []
        if looked["n"] and not page["broken_ids"] and not page["blank"]["n"]:
            said = tr("Every image can be read, and none is blank.")
            if looked["n"] < looked["of"]:
                said = tr("None of the {n:,} images looked at so far is broken or blank.").format(
                    n=looked["n"]
                )
            lines.append(Line("check", "success", said, self._theme))
        if not page["spellings"] and len(page["class_names"]) > 1:
            said = tr("No class seems to be spelt in two ways.")
            lines.append(Line("check", "success", said, self._theme))
        return lines

    def _about_images(self, page: Page) -> Sequence[Line]:
        broken, blank = page["broken_ids"], page["blank"]
        lines = []
        if broken:
            one, many = tr("1 image cannot be read."), tr("{n:,} images cannot be read.")
            said = self._with_number(len(broken), one, many)
            show = _emitting(self.images_wanted, broken)
            lines.append(Line("broken_image", "danger", said, self._theme, show))
        if blank["n"]:
            one = tr("1 image is blank: all of its pixels are alike.")
            many = tr("{n:,} images are blank: all pixels of each are alike.")
            said = self._with_number(blank["n"], one, many)
            show = _emitting(self.images_wanted, blank["sample_ids"])
            lines.append(Line("warning", "suggested", said, self._theme, show))
        return lines

    def _about_classes(self, page: Page, counts: Mapping[str, int]) -> Sequence[Line]:
        lines = []
        for missing in (one["class"] for one in page["probably_missing"]):
            if not counts.get(missing):
                continue
            said = tr("Class “{0}” ({1}) probably means that there is no label.").format(
                missing, images_text(counts[missing])
            )
            show = _emitting(self.classes_wanted, [missing])
            lines.append(Line("warning", "suggested", said, self._theme, show))
        empty = page["balance"]["empty"] if page["balance"] else ()
        names = [f"“{name}”" for name in empty if not counts.get(name)]
        if names:
            more = tr(" and {n:,} more").format(n=len(names) - _EMPTY_NAMED)
            listed = ", ".join(names[:_EMPTY_NAMED]) + (more if len(names) > _EMPTY_NAMED else "")
            said = tr("No image is labelled {0}.").format(listed)
            lines.append(Line("info", "accent", said, self._theme))
        return lines

    @staticmethod
    def _with_number(n: int, one: str, many: str) -> str:
        return one if n == 1 else many.format(n=n)


class SpellingList(QWidget):
    """Groups of classes that are probably one, with the name to keep first."""

    classes_wanted = Signal(object)  # list of class names
    merge_wanted = Signal(object, str)  # class names that go away, the one that stays

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._groups: Sequence[SpellingGroup] = ()
        self.lines: list[Line] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.space_3)

    def show_groups(self, groups: Sequence[SpellingGroup]) -> None:
        if groups == self._groups:
            return
        self._groups = groups
        self.lines = _replaced(self._column, self.lines, [self._line(group) for group in groups])

    def _line(self, group: SpellingGroup) -> Line:
        keep = tr("“{0}” · {1} · the name most images carry").format(
            group.keep, images_text(group.n)
        )
        variants = [
            tr("“{0}” · {1} · {2}").format(v.class_name, images_text(v.n), v.why)
            for v in group.variants
        ]
        others = [variant.class_name for variant in group.variants]
        show = _emitting(self.classes_wanted, [group.keep, *others])
        line = Line("pencil", "corrected", "\n".join([keep, *variants]), self._theme, show)
        line.offer(
            tr("Merge"),
            tr("Merge {0} into {1}").format(", ".join(others), group.keep),
            lambda: self.merge_wanted.emit(others, group.keep),
        )
        return line


def _replaced(column: QVBoxLayout, old: Sequence[Line], new: Sequence[Line]) -> list[Line]:
    """Put other lines into a column."""
    for line in old:
        column.removeWidget(line)
        line.hide()
        line.deleteLater()
    for line in new:
        column.addWidget(line)
    return list(new)


def _emitting(signal: object, about: object) -> Callable[[], None]:
    return lambda: signal.emit(about)  # type: ignore[attr-defined]
