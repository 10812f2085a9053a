"""The reference of `views`: FiftyOne with the same images. Run by an interpreter that has it.

PYTHON views_peer.py make|show FOLDER PORT     says "ready" when its server answers
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

_NAME = "winnow-benchmark"


def make(folder: str) -> None:
    """Take the images into its database, which is not timed."""
    fiftyone = importlib.import_module("fiftyone")
    kind = fiftyone.types.ImageClassificationDirectoryTree
    dataset = fiftyone.Dataset.from_dir(dataset_dir=folder, dataset_type=kind, name=_NAME)
    dataset.persistent = True


def show(port: int) -> None:
    """Serve what is in the database, without a browser."""
    fiftyone = importlib.import_module("fiftyone")
    session = fiftyone.launch_app(fiftyone.load_dataset(_NAME), port=port, remote=True)
    while not _answers(port):
        time.sleep(0.01)
    print("ready", flush=True)
    session.close()


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://localhost:{port}/", timeout=1) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    what, folder, port = sys.argv[1:]
    if what == "make":
        make(folder)
    else:
        show(int(port))
        os._exit(0)  # its threads would keep it
