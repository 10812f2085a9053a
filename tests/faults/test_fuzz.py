"""Thousands of damaged files of every format: each opens or is refused in words, and none harms."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from models.errors import DatasetError
from models.processes.reading import ReaderClient, Unreadable
from models.types import DatasetInfo, OpenRequest
from tests.faults.fuzzing import Fuzzer
from tests.faults.mutants import mutant
from tests.faults.seeds import Seed, seeds

SEEDS = seeds()
FORMATS = [name.split()[0] for name in SEEDS]  # "png palette" is a PNG
MAX_MEGABYTES = 2048
SHOWN = 3
# Links, headers and text are found by HDF5 itself, and some damage it does not survive: that is
# what the reader child and its deadlines are for.
FORMATS_HDF5_READS = re.compile("hdf5|winnow")


@pytest.fixture(scope="module")
def fuzzer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzer]:
    with closing(Fuzzer(tmp_path_factory.mktemp("cache"))) as warm:
        yield warm


@pytest.mark.parametrize("name", SEEDS)
def test_undamaged_it_opens_and_every_image_shows(
    fuzzer: Fuzzer, tmp_path: Path, name: str
) -> None:
    outcome = fuzzer.outcome(*SEEDS[name].write(tmp_path))
    assert (outcome.how, outcome.said) == ("opened", "")


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", SEEDS)
def test_damaged_it_opens_or_is_refused(
    fuzzer: Fuzzer, tmp_path: Path, name: str, rounds: dict[str, int]
) -> None:
    seed = SEEDS[name]
    n_mutants = math.ceil(rounds["mutant"] / FORMATS.count(name.split()[0]))
    wrong = {}
    for number in range(n_mutants):
        paths = seed.write(tmp_path, damaged(seed, number))
        outcome = fuzzer.outcome(*paths)
        ended = outcome.how in ("hung", "crashed")
        if ended and FORMATS_HDF5_READS.match(name) and refused_by_the_client(paths):
            continue
        if outcome.how not in ("opened", "refused") or outcome.megabytes > MAX_MEGABYTES:
            wrong[number] = outcome
    assert not wrong, f"{len(wrong)} of {n_mutants}: {dict(list(wrong.items())[:SHOWN])}"


@pytest.mark.parametrize("name", ["npz inside", "hdf5 gzip", "pickle 4", "png", "zip"])
def test_the_reader_child_answers_for_damaged_files(
    tmp_path: Path, name: str, rounds: dict[str, int]
) -> None:
    seed = SEEDS[name]
    for number in range(rounds["mutant in the reader"]):
        paths = seed.write(tmp_path, damaged(seed, number))
        with closing(ReaderClient()) as client:
            try:
                opened = client.open(OpenRequest(tuple(map(str, paths))))
            except DatasetError:
                continue
            ids = np.arange(min(DatasetInfo.from_message(opened.info).n, 3))
            for image in client.thumbnails(ids, 16) + client.read(ids):
                assert image if isinstance(image, Unreadable) else image.ndim == 3


@pytest.mark.parametrize(
    ("work", "how"),
    [("crash", "crashed"), ("loop", "hung"), ("exhaust", "unexpected"), ("fail", "unexpected")],
)
def test_what_the_fuzzer_looks_for_is_seen(fuzzer: Fuzzer, work: str, how: str) -> None:
    assert fuzzer.outcome(work=work).how == how


def refused_by_the_client(paths: Sequence[Path]) -> bool:
    """Whether the program, whose child ends or hangs at this file, says so in words."""
    with closing(ReaderClient(opening_s=3)) as client:
        try:
            client.open(OpenRequest(tuple(map(str, paths))))
        except DatasetError as refused:
            return "could not be opened" in refused.what
    return False


def damaged(seed: Seed, number: int) -> bytes:
    return mutant(seed.files[seed.damaged], number)
