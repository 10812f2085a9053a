"""Options of the commands that look and change nothing: info, audit, report, rank, agreement."""

from __future__ import annotations

import argparse
from pathlib import Path

from models.audit.finding import KINDS, Severity
from models.ranking import RANKED_BY
from models.review.queues import Queue
from qtapp.arguments.sources import add_project, add_source, source_of
from qtapp.arguments.values import Refuse, absolute, checks, minutes, positive

FOUND = 3  # exit code of an audit that found what it was told to fail on
QUEUES = {queue.option: queue for queue in Queue}
_PAGES = (".html", ".htm")


def add_info(parser: argparse.ArgumentParser) -> None:
    add_source(parser)
    parser.add_argument(
        "--full", action="store_true", help="look at every image, however long it takes"
    )


def add_audit(parser: argparse.ArgumentParser) -> None:
    add_source(parser)
    parser.add_argument(
        *("-o", "--output"),
        type=Path,
        metavar="OUT",
        help="PAGE.html: as --html; P.winnow: the project, made if it is not there (default: "
        "beside the dataset)",
    )
    parser.add_argument(
        "--minutes",
        type=minutes,
        default=2.0,
        metavar="M",
        help="about how long it may take; a quarter of it trains a model if there is none (2)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="an answer in seconds, from fewer images"
    )
    parser.add_argument(
        "--checks",
        type=checks,
        default=(),
        metavar="CHECKS",
        help=f"comma-separated, of: {', '.join(KINDS)} (default: all)",
    )
    parser.add_argument(
        "--fail-on",
        choices=[severity.word for severity in Severity],
        help=f"end with exit code {FOUND} if anything as serious as this is found",
    )
    parser.add_argument(
        "--html",
        type=absolute,
        metavar="PAGE.html",
        help="also write it as a page, with the images that prove it; all of it in one file",
    )
    parser.add_argument(
        "--json-file",
        type=absolute,
        metavar="F.json",
        help="also write the result as JSON, whatever is printed",
    )
    parser.add_argument(
        "--each",
        action="store_true",
        help="PATH is a folder or an archive of datasets: audit each file and folder in it and "
        "compare them; --minutes are for each, -o names a folder for their projects (default: a "
        "temporary one)",
    )


def settle_audit(arguments: argparse.Namespace, refuse: Refuse) -> None:
    """Take an output that is called like a page for one, and refuse what --each cannot do."""
    if arguments.output and arguments.output.suffix.lower() in _PAGES:
        if arguments.html:
            refuse("-o PAGE.html and --html are the same; give one of them")
        arguments.html, arguments.output = absolute(str(arguments.output)), None
    if not arguments.each:
        return
    if len(arguments.paths) > 1 or any(source_of(arguments).answers().values()):
        refuse("--each takes one folder or archive, and no keys of arrays")


def add_report(parser: argparse.ArgumentParser) -> None:
    add_source(parser)
    parser.add_argument(
        *("-o", "--output"),
        type=absolute,
        required=True,
        metavar="PAGE.html",
        help="the page; one that is there is replaced",
    )


def add_rank(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "--by",
        choices=RANKED_BY,
        default="",
        help="the score to sort by (default: suspicion, or that of the queue); learned: what your "
        "decisions teach, the suspicion where they show no better order; labelling: which images "
        "without a label are best labelled first",
    )
    parser.add_argument(
        "--queue",
        choices=QUEUES,
        metavar="QUEUE",
        help=f"only one kind of images: {', '.join(QUEUES)}",
    )
    parser.add_argument(
        "--where",
        default="",
        metavar="QUERY",
        help="only images of which this is true, as in the window's query line: "
        """'given == "cat" and loss > 2'""",
    )
    parser.add_argument("--top", type=positive, metavar="N", help="only the first N")
    parser.add_argument(
        "--run", type=positive, metavar="N", help="of this run (default: the one in use)"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the list to a file")
