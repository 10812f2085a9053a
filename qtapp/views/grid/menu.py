"""The context menu of one tile."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QMenu, QWidget

from models.types import Pixels
from qtapp.commands.registry import Registry
from qtapp.jobs.pictures import Picture
from qtapp.jobs.thumbnails import Thumbnails, as_qimage

_DECISIONS = ("keep", "accept", "exclude", "second_look", "clear", "pick_class", "tag")
_LOOKS = ("single", "compare", "similar")


class TileMenu(QMenu):
    """Copies a tile's image, path or id, and decides. Image and path are read meanwhile."""

    def __init__(
        self, sample_id: int, thumbnails: Thumbnails, registry: Registry, parent: QWidget
    ) -> None:
        super().__init__(parent)
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
            QGuiApplication.clipboard().setImage(self._shown(picture.pixels))

    def _shown(self, pixels: Pixels) -> QImage:
        """As its thumbnail looks, where pixels are no bytes."""
        if pixels.dtype == np.uint8:
            return as_qimage(pixels)
        thumbnail = self._thumbnails.image(self._sample_id)
        return thumbnail if isinstance(thumbnail, QImage) else QImage()

    def _copy_path(self) -> None:
        QGuiApplication.clipboard().setText(self._thumbnails.path_of(self._sample_id))

    def _copy_id(self) -> None:
        QGuiApplication.clipboard().setText(str(self._sample_id))
