"""One writer for each project: a lock that names its holder and dies with it."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from models.errors import ProjectError

LOCK = "lock"  # in a project


class ProjectLock:
    """Held from construction until release(), or until this process ends in any way."""

    def __init__(self, path: Path) -> None:
        # The lock belongs to an open file, so a killed holder leaves none behind; what the
        # file says of its holder is for people alone.
        self._lock = FileLock(path, thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise ProjectError(
                f"is in use by {_holder_in_words(path)}",
                str(path.parent),
                "Close it there first, or use `winnow rank` and `winnow export`, which only read.",
            ) from error
        except OSError as error:
            raise ProjectError(
                f"cannot be locked ({error.strerror})",
                str(path.parent),
                "Choose a place you may write to with -o.",
            ) from error
        with suppress(OSError):  # on a full disk the lock holds all the same
            path.write_text(json.dumps(_this_process()), encoding="utf-8")

    def release(self) -> None:
        self._lock.release()


def is_held(path: Path) -> bool:
    """Whether somebody holds a project at this moment, or may: where we cannot lock it we do not
    know."""
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def _this_process() -> dict[str, Any]:
    program = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]]).strip() or "Winnow"
    return {
        "program": program,
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
    }


def _holder_in_words(path: Path) -> str:
    with suppress(OSError, ValueError, KeyError, TypeError):
        who = json.loads(path.read_text(encoding="utf-8"))
        return "{program} (process {pid} on {host}, since {since})".format(**who)
    return "another program"
