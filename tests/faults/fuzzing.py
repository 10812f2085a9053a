"""Opens sources as the reader child does, each in a process of its own that is forked when warm.

Starting an interpreter for each of thousands of mutants would take most of a day; this program
has imported every reader already, and a fork of it takes some milliseconds. Paths go in, a line
of JSON each; what became of them comes out.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import resource
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from PIL import Image

from models.data import readers
from models.data.readers import Source, open_source
from models.errors import WinnowError
from models.processes import channel, messages
from models.processes.reader import _limit_memory
from models.types import DatasetOpened, OpenRequest

CHECKOUT = Path(__file__).parents[2]
DEADLINE_S = 20.0
_CPU_S = 10  # a busy machine makes nobody late
_LOOKED_AT = 6  # samples of each source
_THUMB_PX = 16
CANARY = b"canary-of-this-process"  # whatever is read must not contain it


@dataclass(frozen=True)
class Outcome:
    """What became of one source."""

    how: str  # "opened", "refused", "unexpected", "crashed", "hung"
    said: str
    megabytes: int  # of memory at most


class Fuzzer:
    """The warm program, asked about one source after another; what it unpacks goes to `cache`."""

    def __init__(self, cache: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.fuzzing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=CHECKOUT,
            env={**os.environ, "XDG_CACHE_HOME": str(cache)},
            text=True,
        )

    def outcome(self, *paths: str | Path, work: str = "open") -> Outcome:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([work, *map(str, paths)]) + "\n")
        self._process.stdin.flush()
        return Outcome(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(DEADLINE_S)
        assert self._process.stdout is not None
        self._process.stdout.close()


def open_and_look(*paths: str) -> str:
    """All that a window asks of a source. What is refused is said; anything else is raised."""
    _fill_memory_with_canaries()
    try:
        *_, source = open_source(OpenRequest(paths))
        assert isinstance(source, Source)
        with closing(source):
            return "\n".join(_looked_at(source))
    except WinnowError as refused:
        return _refusal(refused, paths)
    except MemoryError:
        return "refused: needs more memory than is allowed"


def _refusal(refused: WinnowError, paths: tuple[str, ...]) -> str:
    """What a refusal says; it has to give a reason, and name a file."""
    assert refused.what
    names = {os.path.basename(path) for path in paths}
    names |= {name for path in paths if os.path.isdir(path) for name in os.listdir(path)}
    assert any(name in refused.where for name in names), repr(refused)
    channel._frame(messages.error_to_message(refused))
    return f"refused: {refused}"


def _fill_memory_with_canaries() -> None:
    """Leave the text in memory that is free again, where unwritten pixels would show it."""
    kept = [CANARY * (1 << size) for size in range(2, 14) for _ in range(16)]
    del kept


def _looked_at(source: Source) -> Iterator[str]:
    info, given = source.info, source.given
    opened = messages.event_to_message(DatasetOpened(info.to_message(), given))
    frame = channel._frame(opened)  # what cannot cross the pipe raises
    assert not any(CANARY in bytes(part) for part in frame)
    assert given.shape == (info.n,) == (sum(info.splits.values()),)
    assert given.dtype == np.int32
    assert given.min(initial=0) >= -1
    assert given.max(initial=-1) < max(1, len(info.class_names))
    source.earlier_review()
    ids = np.unique(np.linspace(0, info.n - 1, min(info.n, _LOOKED_AT)).astype(np.int64))
    for sample_id in ids.tolist():
        assert source.path(sample_id)
        looks: tuple[Callable[[int], object], ...] = (
            source.read,
            lambda i: source.thumbnail(i, _THUMB_PX),
            source.original,
        )
        for look in looks:
            try:
                _check(look(sample_id))
            except (WinnowError, MemoryError) as refused:
                yield str(refused)
    try:
        source.stack(ids)
    except (WinnowError, MemoryError) as refused:
        yield str(refused)


def _check(seen: object) -> None:
    if isinstance(seen, np.ndarray):
        assert seen.ndim == 3
        assert seen.shape[2] in (1, 3)
        assert seen.size
        assert CANARY not in seen.tobytes()
    elif isinstance(seen, bytes):
        assert CANARY not in seen


def _crash(*_: str) -> str:
    os.kill(os.getpid(), signal.SIGSEGV)
    return ""


def _loop(*_: str) -> str:
    resource.setrlimit(resource.RLIMIT_CPU, (1, 2))
    while True:
        pass


def _exhaust(*_: str) -> str:
    return str(bytearray(1 << 40))


def _fail(*_: str) -> str:
    raise KeyError("a bug")


_WORK: dict[str, Callable[..., str]] = {
    "open": open_and_look,
    "crash": _crash,
    "loop": _loop,
    "exhaust": _exhaust,
    "fail": _fail,
}


def main() -> None:
    for module in pkgutil.iter_modules(readers.__path__):
        import_module(f"{readers.__name__}.{module.name}")
    Image.init()  # Pillow imports its decoders when it first needs them
    gc.freeze()  # a collection in a fork would copy every page it looks at
    for line in sys.stdin:
        work, *paths = json.loads(line)
        sys.stdout.write(json.dumps(_tried(_WORK[work], paths)) + "\n")
        sys.stdout.flush()


def _tried(work: Callable[..., str], paths: list[str]) -> dict[str, object]:
    """Do it in a fork, and see how that ends."""
    out, into = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(out)
        _report(work, paths, into)
    os.close(into)
    said, hung = _said(out)
    os.close(out)
    if hung:
        os.kill(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    how = "unexpected"
    if hung or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
        how = "hung"
    elif os.WIFSIGNALED(status):
        how, said = "crashed", signal.Signals(os.WTERMSIG(status)).name
    elif not os.WEXITSTATUS(status):
        how = "refused" if said.startswith("refused") else "opened"
    return {"how": how, "said": said, "megabytes": used.ru_maxrss >> 10}


def _report(work: Callable[..., str], paths: list[str], into: int) -> None:
    """Never returns."""
    status = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, 2 * _CPU_S))
        _limit_memory()
        try:
            said, status = work(*paths), 0
        except BaseException:  # noqa: BLE001 - whatever it is, it is what we look for
            said = traceback.format_exc()
        os.write(into, said.encode(errors="backslashreplace")[:60_000])
    finally:
        os._exit(status)


def _said(out: int) -> tuple[str, bool]:
    """What a fork says until its end, and whether that did not come in time."""
    said, until = b"", time.monotonic() + DEADLINE_S
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([out], [], [], left)[0]:
            return said.decode(), True
        block = os.read(out, 1 << 16)
        if not block:
            return said.decode(), False
        said += block


if __name__ == "__main__":
    main()
