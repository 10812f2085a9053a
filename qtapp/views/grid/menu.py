"""The context menu of one tile."""

from __future__ import annotations

from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from models.review.shades import black_and_white
from qtapp.commands.registry import Registry
from qtapp.jobs.pictures import Picture
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.views.shading import shaded

_DECISIONS = ("keep", "accept", "exclude", "second_look", "clear", "pick_class", "tag")
_LOOKS = ("single", "compare", "similar")


class TileMenu(QMenu):
    """Copies a tile's image, path or id, and decides. Image and path are read meanwhile."""

    def __init__(
        self,
        sample_id: int,
        thumbnails: Thumbnails,
        registry: Registry,
        parent: QWidget,
        value_range: tuple[float, float] = (0.0, 255.0),
    ) -> None:
        super().__init__(parent)
        self._value_range = value_range  # of the dataset
        self._sample_id, self._thumbnails = sample_id, thumbnails
        self.addActions([registry.action(f"decide.{name}") for name in _DECISIONS])
        self.addSeparator()
        self.addActions([registry.action(f"look.{name}") for name in _LOOKS])
        self.addSeparator()
        self._image: QAction = self.addAction(self.tr("Copy image"), self._copy_image)
        self._path: QAction = self.addAction(self.tr("Copy path"), self._copy_path)
        self.addAction(self.tr("Copy id {id}").format(id=sample_id), self._copy_id)
        self._enable()
        thumbnails.full_arrived.connect(self._enable)
        thumbnails.want_full(sample_id)

    def _enable(self) -> None:
        self._image.setEnabled(isinstance(self._thumbnails.full(self._sample_id), Picture))
        self._path.setEnabled(bool(self._thumbnails.path_of(self._sample_id)))

    def _copy_image(self) -> None:
        picture = self._thumbnails.full(self._sample_id)
        if isinstance(picture, Picture):
            black, white = black_and_white(picture.pixels.dtype, self._value_range)
            QGuiApplication.clipboard().setImage(shaded(picture.pixels, black, white))

    def _copy_path(self) -> None:
        QGuiApplication.clipboard().setText(self._thumbnails.path_of(self._sample_id))

    def _copy_id(self) -> None:
        QGuiApplication.clipboard().setText(str(self._sample_id))
