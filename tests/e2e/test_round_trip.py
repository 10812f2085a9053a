"""In, twenty decisions, out, in again: the same pixels, labels, class order and splits."""

from __future__ import annotations

import io
import pickle
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from models.data.fingerprint import content_hash
from models.errors import ProjectError
from models.opening import Review
from models.review.decisions import Status
from models.types import OpenRequest
from tests.helpers import sources
from tests.helpers.local import exported, open_here, press_at_random

N_TRAIN, N_TEST, N_DECISIONS = 18, 9, 20
NAMES = np.array(["wasp", "ant", "bee"])
CODES = np.arange(N_TRAIN + N_TEST) % 3


def split_arrays(shape: tuple[int, ...], dtype: str = "u1") -> dict[str, Any]:
    """Arrays as Keras names them; three labels are missing."""
    rng = np.random.default_rng(5)
    x = (rng.random((N_TRAIN + N_TEST, *shape)) * 250).astype(dtype)
    y = CODES.copy()
    y[[2, 3, 20]] = -1
    return {
        "x_train": x[:N_TRAIN],
        "y_train": y[:N_TRAIN],
        "x_test": x[N_TRAIN:],
        "y_test": y[N_TRAIN:],
        "class_names": NAMES,
    }


def pickled(path: Path) -> OpenRequest:
    data = {"data": sources.images(18, (1, 6, 5)), "labels": np.eye(3)[CODES[:18]]}
    path.write_bytes(pickle.dumps({"train_set": data}, protocol=4))
    return OpenRequest((str(path),))


def idx_pair(folder: Path) -> OpenRequest:
    arrays = {"train-images-idx3-ubyte": sources.images(), "train-labels-idx1-ubyte": CODES[:24]}
    for name, array in arrays.items():
        (folder / name).write_bytes(sources.idx_bytes(array.astype("u1")))
    return OpenRequest(tuple(str(folder / name) for name in arrays))


def cifar(folder: Path) -> OpenRequest:
    rows = np.hstack([CODES[:, None].astype("u1"), sources.images(len(CODES), (3072,))])
    (folder / "data_batch_1.bin").write_bytes(rows.tobytes())
    return OpenRequest((str(folder / "data_batch_1.bin"),))


def parquet(folder: Path) -> OpenRequest:
    with reviewed(sources.folder(folder / "photos"), folder / "photos.winnow") as review:
        exported(review.project.path, folder / "a.parquet", "parquet")
    return OpenRequest((str(folder / "a.parquet"),))


def web_shard(folder: Path) -> OpenRequest:
    with tarfile.open(folder / "train-000000.tar", "x") as shard:
        for i, data in enumerate(sources.encoded()):
            for suffix, content in (("png", data), ("cls", str(CODES[i]).encode())):
                member = tarfile.TarInfo(f"{i:04}.{suffix}")
                member.size = len(content)
                shard.addfile(member, io.BytesIO(content))
    return OpenRequest((str(folder / "train-000000.tar"),))


def zipped(folder: Path) -> OpenRequest:
    sources.folder(folder / "photos")
    return OpenRequest((shutil.make_archive(str(folder / "photos"), "zip", folder, "photos"),))


def winnow_mixed(folder: Path) -> OpenRequest:
    """An export of ours whose images differ in size."""
    photos = sources.folder(folder / "photos", splits=("train", "test"), sizes=((5, 7), (8, 4)))
    with reviewed(photos, folder / "photos.winnow") as review:
        exported(review.project.path, folder / "ours.h5", "h5")
    return OpenRequest((str(folder / "ours.h5"),))


SOURCES: dict[str, Callable[[Path], OpenRequest]] = {
    "npz": lambda d: sources.npz(d / "a.npz", **split_arrays((6, 5, 3))),
    "npz channels first": lambda d: sources.npz(d / "a.npz", **split_arrays((3, 6, 5))),
    "npz grey 16 bit": lambda d: sources.npz(d / "a.npz", **split_arrays((6, 5), "u2")),
    "npz float": lambda d: sources.npz(d / "a.npz", **split_arrays((6, 5, 3), "f4")),
    "npz text labels": lambda d: sources.npz(
        d / "a.npz", images=sources.images(), labels=NAMES[sources.labels()]
    ),
    "npz unlabelled": lambda d: sources.npz(d / "a.npz", images=sources.images()),
    "npy pair": sources.npy,
    "hdf5": lambda d: sources.hdf5(
        d / "a.h5", train__images=sources.images(18), train__labels=CODES[:18]
    ),
    "folder": lambda d: sources.folder(d / "a", splits=("train", "test")),
    "folder of mixed sizes": lambda d: sources.folder(d / "a", sizes=((5, 7), (8, 4), (9, 9))),
    "ours, mixed sizes": winnow_mixed,
    "idx pair": idx_pair,
    "cifar batch": cifar,
    "parquet": parquet,
    "webdataset": web_shard,
    "zip of a folder": zipped,
    "pickle": lambda d: pickled(d / "a.pkl"),
}
MIXED = ("folder of mixed sizes", "ours, mixed sizes")
NOT_CARRIED = {
    **dict.fromkeys(((source, "npz") for source in MIXED), "several sizes"),
    **dict.fromkeys((("npz float", out) for out in ("folder", "parquet")), "float32"),
}
PAIRS = [(source, out) for source in SOURCES for out in ("h5", "npz", "folder", "parquet")]


@contextmanager
def reviewed(request: OpenRequest, project: Path) -> Iterator[Review]:
    with closing(open_here(request, project)) as review:
        yield review


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], OpenRequest]:
    """Each kind of source, made once."""
    known: dict[str, OpenRequest] = {}

    def make(name: str) -> OpenRequest:
        if name not in known:
            known[name] = SOURCES[name](tmp_path_factory.mktemp("source"))
        return known[name]

    return make


def content(review: Review, in_order: bool) -> list[tuple[str, str, bytes]]:
    """Split, class and pixels of every sample that is not excluded."""
    known, n = review.labelling, len(review.labelling.given)
    ids = np.flatnonzero(known.status != Status.EXCLUDED)
    splits = review.info.split_names_of(np.arange(n))
    found = [
        (
            splits[i],
            known.class_names[known.labels[i]] if known.labels[i] >= 0 else "",
            content_hash(image),
        )
        for i, image in zip(ids.tolist(), review.reader.read(ids), strict=True)
    ]
    # A folder lists its splits by name, an array file in the usual order.
    return sorted(found, key=lambda one: one[0]) if in_order else sorted(found)


def check(
    request: OpenRequest, pair: tuple[str, str], seed: int, folder: Path, in_order: bool
) -> None:
    out = folder / "out" if pair[1] == "folder" else folder / f"out.{pair[1]}"
    with reviewed(request, folder / "before.winnow") as before:
        press_at_random(before, np.random.default_rng(seed), N_DECISIONS)
        exported(before.project.path, out, pair[1])
        again_as = OpenRequest((str(out),))
        with reviewed(again_as, folder / "after.winnow") as after:
            assert content(after, in_order) == content(before, in_order)
            assert after.labelling.class_names == before.labelling.class_names
            assert set(after.info.splits) == set(before.info.splits)
            if pair[1] in ("h5", "npz"):
                assert after.info.dtype == before.info.dtype
                assert after.info.image_shape == before.info.image_shape


@pytest.mark.parametrize(
    "pair", [pair for pair in PAIRS if pair not in NOT_CARRIED], ids=" to ".join
)
def test_what_went_in_comes_out(
    pair: tuple[str, str],
    made: Callable[[str], OpenRequest],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> None:
    n_examples = 25 if request.config.getoption("--soak") else 1

    @settings(  # a smaller seed is no simpler case: nothing to shrink
        max_examples=n_examples,
        deadline=None,
        database=None,
        derandomize=n_examples == 1,
        phases=[Phase.generate],
    )
    @given(st.integers(0, 2**32))
    def round_trip(seed: int) -> None:
        folder = tmp_path_factory.mktemp("trip")
        check(made(pair[0]), pair, seed, folder, in_order=pair[1] != "folder")

    round_trip()


@pytest.mark.parametrize("pair", NOT_CARRIED, ids=" to ".join)
def test_what_cannot_be_carried_is_refused_with_the_way_out(
    pair: tuple[str, str], made: Callable[[str], OpenRequest], tmp_path: Path
) -> None:
    with (
        reviewed(made(pair[0]), tmp_path / "p.winnow") as review,
        pytest.raises(ProjectError, match=f"{NOT_CARRIED[pair]}.*h5"),
    ):
        exported(review.project.path, tmp_path / "out", pair[1])
    assert not [path for path in tmp_path.iterdir() if path.name != "p.winnow"]
