"""Opens any source Winnow reads. A format is one file here, named in FORMATS, with

    claims(paths) -> bool               whether this looks like its format
    opening(request) -> Opening         Progress while it works, then the Source

There are two families: files of named arrays (arrays/opening.py) and encoded images
(images/encoded_source.py); meaning/ holds the rules by which names and arrays are understood.
For child processes only: formats import h5py, pyarrow and Pillow.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from importlib import import_module

from models.data.names import displayed
from models.data.readers.archives.member_writer import is_archive
from models.data.readers.source import Opening, Source, cannot_open
from models.data.readers.wording import places_in_words
from models.errors import DatasetError
from models.types import OpenRequest

# Modules, imported when it is their turn; the first that claims the paths reads them.
FORMATS = (
    "winnow",
    "archives.archive",
    "images.coco",
    "images.parquet",
    "images.webdataset",
    "arrays.opening",
    "images.folder",
)

__all__ = ["FORMATS", "Opening", "Source", "open_source"]


def open_source(request: OpenRequest) -> Opening:
    """Let the first format that claims the paths open them.

    Raises
    ------
    DatasetError
        If a path is not there, no format claims it, or the one that does cannot read it.
    """
    if not request.paths:
        raise ValueError("a request needs at least one path")
    for path in request.paths:
        _check_present(path)
    for name in FORMATS:
        reader = import_module(f"{__name__}.{name}")
        try:
            claimed = reader.claims(request.paths)
        except OSError as error:  # a folder that may not be listed, or a file that went away
            raise cannot_open(str(error.filename or request.paths[0]), error) from error
        if claimed:
            yield from reader.opening(request)
            return
    raise _in_no_format(request.paths)


def _in_no_format(paths: Sequence[str]) -> DatasetError:
    """What to say of files that no format claims."""
    where = places_in_words(paths)
    images = import_module(f"{__name__}.images.image_file")
    tables = import_module(f"{__name__}.images.label_table")
    folders = list(filter(os.path.isdir, paths))
    packed = list(filter(is_archive, paths))
    if len(paths) > 1 and (folders or 0 < len(packed) < len(paths)):
        return DatasetError(
            "cannot be opened together, as they are not of one kind",
            where,
            "Splits given as paths have to be all folders, all archives or all files of one "
            "format. Open the folder that holds them, or each for itself.",
        )
    suffixes = {os.path.splitext(path)[1].lower() for path in paths}
    if suffixes <= images.SUFFIXES:
        said = "is a single image" if len(paths) == 1 else "are single images"
        return DatasetError(said, where, "Open the folder of images as a whole.")
    if suffixes <= set(tables.TABLE_SUFFIXES):
        return DatasetError(
            "holds no column for each pixel, and no images",
            where,
            "If it is the table of labels of image files, open the folder they lie in; pixels as "
            "text in one column are not read.",
        )
    return DatasetError(
        "is in no format Winnow reads",
        where,
        "Open a folder of images, an archive, or files of NumPy, HDF5, IDX, CSV, Parquet, pickle, "
        "torch, WebDataset or COCO.",
    )


def _check_present(path: str) -> None:
    try:
        facts = os.stat(path)
    except OSError as error:
        raise cannot_open(path, error) from error
    if not stat.S_ISDIR(facts.st_mode) and not stat.S_ISREG(facts.st_mode):
        raise DatasetError("is neither a file nor a folder", displayed(path))
    if stat.S_ISREG(facts.st_mode) and not facts.st_size:
        raise DatasetError("is empty", displayed(path), "Copy or download it again.")
