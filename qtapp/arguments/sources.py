"""Which dataset or project a command is about."""

from __future__ import annotations

import argparse

from models.opening import request_for
from models.types import OpenRequest
from qtapp.arguments.values import absolute, shape

_ANSWERS = ("images", "labels", "layout", "shape", "encoding", "boxes")  # fields of OpenRequest


def add_source(parser: argparse.ArgumentParser, n_paths: str = "+") -> None:
    parser.add_argument("paths", nargs=n_paths, metavar="PATH", help="a dataset or a project")
    parser.add_argument("--images", default="", metavar="KEY", help="the array of images")
    parser.add_argument(
        "--labels",
        default="",
        metavar="KEY",
        help="the array or column of labels, or filenames: of images called cat.0.jpg",
    )
    parser.add_argument(
        "--layout", choices=("nhw", "nhwc", "nchw"), default="", help="the order of the axes"
    )
    parser.add_argument(
        "--shape",
        type=shape,
        default=(),
        metavar="HxW[xC]",
        help="of images stored as flat rows, for example 28x28 or 32x32x3",
    )
    parser.add_argument("--encoding", default="", help="of text that is not UTF-8")
    parser.add_argument(
        "--boxes", action="store_true", help="COCO: a sample for each box instead of each image"
    )


def add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=absolute, metavar="P.winnow")


def source_of(arguments: argparse.Namespace) -> OpenRequest:
    """The dataset that the arguments name, and what they answer about it."""
    answers = {name: getattr(arguments, name) for name in _ANSWERS}
    return request_for(arguments.paths, **answers)
