"""Options of `winnow export`, and which of them make sense together."""

from __future__ import annotations

import argparse
from pathlib import Path

from models.types import EXPORT_FORMATS
from qtapp.arguments.sources import add_project
from qtapp.arguments.values import STATES, Refuse, positive, states

_FORMAT_OF_SUFFIX = {
    ".h5": "h5",
    ".hdf5": "h5",
    ".hdf": "h5",
    ".npz": "npz",
    ".csv": "csv",
    ".parquet": "parquet",
    "": "folder",
}
_ONLY_FOR = {  # an option of `export` and the formats it means something for
    "sample": ("predictions",),
    "top": ("worklist",),
    "files": ("folder", "parquet"),
}


def add_export(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument(
        "--as", dest="as_format", choices=EXPORT_FORMATS, help="default: by OUT's name"
    )
    parser.add_argument(
        "--only",
        type=states,
        default=(),
        metavar="STATES",
        help=f"comma-separated, of: {', '.join(STATES)} (default: all but excluded; for a work "
        "list those not decided)",
    )
    parser.add_argument(
        "--files",
        choices=("copy", "link", "list"),
        help="folder: copies of the images (default), hard links to them, or only a list of "
        "where they are; parquet: copy or list",
    )
    parser.add_argument(
        "--sample",
        metavar="SAMPLE.csv",
        help="predictions: a sample submission whose ids, order, header and labels are followed",
    )
    parser.add_argument(
        "--top", type=positive, metavar="N", help="worklist: the N most suspect (default: 500)"
    )


def settle_export(arguments: argparse.Namespace, refuse: Refuse) -> None:
    """Choose the format by the name if none was given, and refuse what means nothing for it."""
    suffix = arguments.out.suffix.lower()
    as_format = arguments.as_format or _FORMAT_OF_SUFFIX.get(suffix, "")
    if not as_format:
        refuse(f"{suffix} names no format; say which with --as")
    for option, formats in _ONLY_FOR.items():
        if getattr(arguments, option) and as_format not in formats:
            refuse(f"--{option} is for {' and '.join(formats)}, not {as_format}")
    if as_format == "parquet" and arguments.files == "link":
        refuse("a Parquet file cannot link to images; use copy or list")
    if arguments.sample and arguments.only:
        refuse("--sample already says which images are wanted; leave out --only")
    arguments.as_format = as_format
