"""Shows how a source would be read if it were opened with these answers."""

from __future__ import annotations

import numpy as np

from models.processes.reading import ReaderClient
from models.types import DatasetInfo, Events, OpenRequest, Preview


def previewing(request: OpenRequest, n_images: int, size_px: int) -> Events:
    """Try to read a source as the request says: at last a Preview of evenly spaced images.

    Makes no project. Raises DatasetError if the source cannot be read that way.
    """
    reader = ReaderClient()
    try:
        opened = yield from reader.opened(request)
        info = DatasetInfo.from_message(opened.info)
        ids = np.linspace(0, info.n - 1, min(n_images, info.n)).astype(np.int64)
        images = reader.thumbnails(ids, size_px)
    finally:
        reader.close()
    names = ("", *info.class_names)  # at code + 1; UNLABELLED first
    yield Preview(info, [*images], [names[code + 1] for code in opened.given[ids].tolist()])
