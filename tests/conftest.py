"""Fixtures for every test: a home of its own, states, and threads that must not outlive it."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from itertools import count, groupby
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Tests run side by side, and threads that wait for one another would take the cores from them.
os.environ.setdefault("OMP_NUM_THREADS", "1")

LONG = frozenset(("e2e", "faults", "audit"))  # folders whose tests take seconds
_HOMES = count()
_SOAK_S = 3_600  # for a hundred kills, a second or more each
SHARED = Path(__file__).parents[2] / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="full kill, fault and fuzz counts")


def pytest_configure(config: pytest.Config) -> None:
    settings.register_profile("the same every time", derandomize=True)
    settings.load_profile("default" if config.getoption("--soak") else "the same every time")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Five thousand tests and the libraries they import stay until the end. Looking through them
    for garbage, again and again, took a third of the time to collect and a fifth of many tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if config.getoption("--soak"):
            item.add_marker(pytest.mark.timeout(_SOAK_S))
        if item.get_closest_marker("soak") and not config.getoption("--soak"):
            item.add_marker(pytest.mark.skip(reason="only with --soak (make soak)"))
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason="the shared datasets are not on this machine"))
    n_workers = getattr(config, "workerinput", {}).get("workercount", 1)
    if n_workers > 1:
        items[:] = dealt(items, n_workers)


def dealt(items: list[pytest.Item], n_workers: int) -> list[pytest.Item]:
    """Long files first for each worker, so that none is left with one when all others are done.

    pytest-xdist hands each an equal part of the list, and whoever is done takes from the end of
    another's. Files stay whole: what a module's fixture made is made once.
    """
    files = [list(of_file) for _, of_file in groupby(items, lambda item: item.path)]
    files.sort(key=lambda of_file: of_file[0].path.parent.name not in LONG)
    return [item for i in range(n_workers) for of_file in files[i::n_workers] for item in of_file]


@pytest.fixture
def shared_data() -> Path:
    """The real datasets; for tests marked `shared`."""
    return SHARED


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees the person's settings, projects or caches."""
    home = tmp_path_factory.getbasetemp() / f"home-{next(_HOMES)}"  # made by whoever needs it
    for variable, folder in (
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "cache"),
    ):
        monkeypatch.setenv(variable, str(home / folder))
    return home


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """A thread that outlives its test hides a bug, and disturbs the next one."""
    import threading

    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before]
    assert not [t for t in left if not t.daemon], f"threads left running: {left}"
