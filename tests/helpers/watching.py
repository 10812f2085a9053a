"""Sees what must not happen in a window, and answers where the system would ask a person."""

from __future__ import annotations

import itertools
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QFileDialog

from models.errors import WinnowError
from qtapp.notices import NoticeBar

IGNORED = re.compile("This plugin does not support|propagateSizeHints")  # as in setup.cfg


class Watch:
    """Errors nobody caught, Qt's warnings and errors that are bugs, as text."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        shown = NoticeBar.show_error

        def show_error(bar: NoticeBar, error: BaseException, *more: Any) -> None:
            if not isinstance(error, WinnowError):
                self._note(error)
            shown(bar, error, *more)

        with ExitStack() as stack:
            for owner, name, instead in (
                (NoticeBar, "show_error", show_error),
                (sys, "excepthook", lambda _kind, error, _trace: self._note(error)),
                (threading, "excepthook", lambda told: self._note(told.exc_value)),
            ):
                stack.enter_context(patch.object(owner, name, instead))
            before = qInstallMessageHandler(self._hear)
            stack.callback(lambda: qInstallMessageHandler(before))
            yield

    def _note(self, error: BaseException | None) -> None:
        if error is not None:
            self.seen.append("".join(traceback.format_exception(error)))

    def _hear(self, kind: QtMsgType, _where: object, message: str) -> None:
        harmless = QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg
        if kind not in harmless and not IGNORED.search(message):
            self.seen.append(f"Qt: {message}\n" + "".join(traceback.format_stack(limit=12)))


@contextmanager
def answering(to_open: Callable[[], str], to_save: Path) -> Iterator[None]:
    """What belongs to the system answers at once: file dialogs, drags, the file manager."""
    dialog = _file_dialog(to_open, to_save)
    with ExitStack() as stack:
        for place in ("all", "export", "export_options"):
            stack.enter_context(patch(f"qtapp.views.dialogs.{place}.QFileDialog", dialog))
        stack.enter_context(patch.object(QDrag, "exec", lambda *_: None))
        stack.enter_context(patch("qtapp.app.QDesktopServices.openUrl", lambda _url: True))
        yield


def _file_dialog(to_open: Callable[[], str], to_save: Path) -> type[QFileDialog]:
    """Chooses the next dataset, or a new file in a folder; every third one is cancelled."""
    asked = itertools.count(1)

    class AnsweredDialog(QFileDialog):
        def open(self) -> None:
            number = next(asked)
            if number % 3:
                saves = self.acceptMode() == QFileDialog.AcceptMode.AcceptSave
                path = str(to_save / f"saved-{number}.h5") if saves else to_open()
                self.filesSelected.emit([path])
                self.fileSelected.emit(path)
            self.done(number % 3)

    return AnsweredDialog
