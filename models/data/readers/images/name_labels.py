"""Classes that the names of image files begin with: cat.0.jpg, great_pyrenees_105.jpg.

They are read where a person says so, for cameras and series name their files alike: what was
taken for classes without a word would be numbered into the decisions of a project.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from models.data.names import displayed
from models.data.readers.images.file_labels import FileLabels
from models.data.readers.images.folder_layout import says_nothing, split_word
from models.data.readers.meaning.array_names import words_of
from models.errors import DatasetError

FILENAMES = "filenames"
"""What a person gives in place of a column of labels."""

_NUMBERS_AT_END = re.compile(r"(?:(?:[\W_]+\d+)+|\d+)[\W_]*$")  # "cam1_0001" is of cam1
_LOOKED_AT, _FEWEST_EACH = 5_000, 10  # files; of these of a name on average, to look like a class
_OF_CAMERAS = frozenset(("img", "mg", "dsc", "dscn", "dscf", "imgp", "cimg", "pxl", "dji", "gopr"))
_OF_CAMERAS |= frozenset(("sam", "mvimg", "pano", "burst", "vid", "video", "frame", "clip", "cam"))
_OF_CAMERAS |= frozenset(("camera", "photo", "picture", "pic", "scan", "screenshot", "file"))
_OF_CAMERAS |= frozenset(("sample", "snap", "shot", "tile", "patch", "crop", "slide", "page"))


def labels_in_names(files: Sequence[str], where: str) -> FileLabels:
    """What the name of each image file says before its number; nothing of one without either.

    Raises
    ------
    DatasetError
        If that is so of all.
    """
    labels = [_before_number(file) or None for file in files]
    without = [file for file, label in zip(files, labels, strict=True) if label is None]
    if len(without) == len(files):
        raise DatasetError(
            f"has no file named by a class and a number (for example {displayed(files[0])})",
            where,
            f"Leave --labels {FILENAMES} out.",
        )
    warnings = []
    if without:
        has = "name is" if len(without) == 1 else "names are"
        warnings.append(
            f"{len(without):,} file {has} not a class and a number; unlabelled (for example "
            f"{displayed(without[0])})."
        )
    return FileLabels(labels, [""] * len(files), "from the file names", FILENAMES, tuple(warnings))


def classes_to_ask_about(files: Sequence[str]) -> str:
    """A sentence where file names look like classes, and how to read them so; else nothing."""
    some = files[:: max(1, len(files) // _LOOKED_AT)]
    names = set(map(_before_number, some)) - {""}
    spoken = {_words(name) for name in names}
    of_one_series = len(spoken) < 2 or len(names) > len(some) / _FEWEST_EACH
    if of_one_series or not all(map(_may_be_class, spoken)):
        return ""
    first, second, *_ = sorted(map(displayed, names))
    return (
        f"File names look like classes, such as {first} and {second}: --labels {FILENAMES} reads "
        "them so."
    )


def _before_number(file: str) -> str:
    """The name without the numbers at its end: "Black_Footed_Albatross" of one with two."""
    name = os.path.splitext(os.path.basename(file))[0]
    before = _NUMBERS_AT_END.sub("", name)
    return before if before != name and any(map(str.isalpha, before)) else ""


def _words(name: str) -> str:
    return " ".join(word for word in words_of(name) if not word.isdecimal())


def _may_be_class(words: str) -> bool:
    usual = says_nothing(words) or split_word(words) or not _OF_CAMERAS.isdisjoint(words.split())
    return not usual and sum(map(str.isalpha, words)) > 1
