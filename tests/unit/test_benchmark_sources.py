"""The datasets of the benchmarks are what they are meant to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import sources
from models.opening import request_for
from tests.helpers.sources import opened

ARRAYS = (
    *(sources.npy, sources.npz, sources.npz_compressed, sources.idx, sources.idx_gz),
    *(sources.hdf5_contiguous, sources.hdf5_gzip),
)


@pytest.mark.parametrize("maker", ARRAYS)
def test_arrays_hold_the_same_images_in_every_form(tmp_path: Path, maker: sources.Maker) -> None:
    with opened(request_for(maker(tmp_path, 70))) as source:
        assert source.info.n == 70
        assert np.array_equal(source.given, sources.labels(70))
        (images,) = sources.blocks(70)
        assert np.array_equal(source.read(69)[..., 0], images[69])


@pytest.mark.parametrize(
    ("maker", "n_classes"), [(sources.photo_folders, 100), (sources.parquet, 10)]
)
def test_photos_open(tmp_path: Path, maker: sources.Maker, n_classes: int) -> None:
    with opened(request_for(maker(tmp_path, 210))) as source:
        assert (source.info.n, len(source.info.class_names)) == (210, n_classes)
        assert source.read(209).shape == (96, 128, 3)
