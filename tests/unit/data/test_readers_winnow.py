"""An export of ours opens again: pixels, given labels and the review with this file's ids."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from models.errors import DatasetError
from models.review.replay import replay
from tests.helpers.exports import COLOUR, GIVEN, KEPT, MIXED, export
from tests.helpers.sources import opened


def test_an_export_opens_again_with_its_review(tmp_path):
    request, reviewer = export(tmp_path / "a.h5")
    with opened(request) as source:
        info, review = source.info, source.earlier_review()
        assert (info.kind, info.n, info.splits) == ("winnow", 5, {"train": 3, "test": 2})
        assert info.class_names == ("ant", "bee")  # the log adds the third again
        assert info.warnings == ()
        assert np.array_equal(source.given, GIVEN[KEPT])
        assert np.array_equal(source.stack(np.arange(5)), COLOUR[KEPT])
        labels, status = replay(review.log, source.given)
        assert np.array_equal(labels, reviewer.labels[KEPT])
        assert np.array_equal(labels, review.corrected)
        assert np.array_equal(status, reviewer.status[KEPT])
        assert review.reviewers == ["ada"]
        assert set(review.log["sample"]) == {-1, 0, 1}


@pytest.mark.parametrize("dtype", ["u1", "f4"])
def test_mixed_sizes_open_again(tmp_path, dtype):
    pixels = [image.astype(dtype) for image in MIXED]
    request, _ = export(tmp_path / "a.h5", pixels, mixed=True)
    with opened(request) as source:
        assert source.info.image_shape is None
        for place, i in enumerate(KEPT):
            assert np.array_equal(source.read(place), pixels[i])


def test_a_file_without_images_says_where_they_are(tmp_path):
    request, _ = export(tmp_path / "corrected.h5", None)
    with pytest.raises(DatasetError, match="holds the decisions of a project but no images"):
        opened(request)


def _shorten(file):
    values = file.pop("labels/given")[:3]
    file["labels/given"] = values


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda f: f.pop("labels/given"), "holds no “labels/given”"),
        (_shorten, "“labels/given” that does not fit its 5 images"),
        (lambda f: f.attrs.modify("format_version", 99), "written by a newer Winnow"),
        (
            lambda f: f["samples/split"].write_direct(np.full(5, 9, np.uint8)),
            "splits without a name",
        ),
        (
            lambda f: f["samples/split"].attrs.modify("names", ["train", "train"]),
            "two splits of one name",
        ),
    ],
)
def test_a_damaged_export_is_refused_in_words(tmp_path, damage, said):
    request, _ = export(tmp_path / "a.h5")
    with h5py.File(request.paths[0], "r+") as file:
        damage(file)
    with pytest.raises(DatasetError, match=said):
        opened(request)


def test_a_link_in_an_export_is_not_followed(tmp_path):
    request, _ = export(tmp_path / "a.h5")
    other, _ = export(tmp_path / "other.h5")
    with h5py.File(request.paths[0], "r+") as file:
        del file["labels"]
        file["labels"] = h5py.ExternalLink(other.paths[0], "/labels")
    with pytest.raises(DatasetError, match="holds a link in the place of “labels/"):
        opened(request)
