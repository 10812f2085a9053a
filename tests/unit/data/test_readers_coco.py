"""COCO json: labels of images by the objects in them, samples of boxes, and odd files."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from models.data.fingerprint import same, undated
from models.data.readers import open_source
from models.data.readers.images import coco, json_stream
from models.errors import DatasetError
from models.types import OpenRequest
from tests.helpers import sources
from tests.helpers.sources import opened

CATEGORIES = [{"id": 90, "name": "cat"}, {"id": 7, "name": "ant"}, {"id": 18, "name": "bee"}]


def thing(image: int, category: int, box: Any, **more: Any) -> dict[str, Any]:
    return {"id": 1, "image_id": image, "category_id": category, "bbox": box, **more}


THINGS = [
    thing(11, 90, [1, 2, 3, 4], area=12),
    thing(10, 7, [0, 0, 4, 4], area=16),
    thing(11, 90, [0, 0, 2, 2]),
    thing(12, 18, [0.5, 1.5, 2, 2], segmentation=[[1.5] * 50]),
    thing(12, 7, [4, 4, 4, 4]),
]
ALL = {
    "info": {"year": 2017},
    "licenses": [],
    "images": [{"id": 10 + i, "file_name": f"{i}.png"} for i in range(4)],
    "annotations": THINGS,
    "categories": CATEGORIES,
}


def dataset(
    root: Path,
    content: Any = ALL,
    json_name: str = "annotations/instances_all.json",
    folder: str = "images",
) -> Path:
    """Four images 8 wide and 10 high, and a json of them."""
    (root / folder).mkdir(parents=True, exist_ok=True)
    for i, pixels in enumerate(sources.images(4, (10, 8, 3))):
        Image.fromarray(pixels).save(root / folder / f"{i}.png")
    (root / json_name).parent.mkdir(exist_ok=True, parents=True)
    (root / json_name).write_text(json.dumps(content))
    return root / json_name


def asked(path: Path, **answers: Any) -> OpenRequest:
    return OpenRequest((str(path),), **answers)


@pytest.mark.parametrize("what", ["folder", "json"])
def test_images_get_the_category_of_their_largest_object(tmp_path, what):
    path = dataset(tmp_path / "d")
    with opened(asked(tmp_path / "d" if what == "folder" else path)) as source:
        assert source.info.kind == "coco"
        assert source.info.class_names == ("ant", "bee", "cat")
        assert source.given.tolist() == [0, 2, 0, -1]
        assert source.info.unlabelled == 1
        assert "1 of 4 images show objects of several categories" in source.info.warnings[0]
        assert source.path(1) == "1.png"
        assert np.array_equal(source.read(2), sources.images(4, (10, 8, 3))[2])
        assert source.original(2) == (tmp_path / "d" / "images" / "2.png").read_bytes()


def test_each_box_is_a_sample(tmp_path):
    dataset(tmp_path / "d")
    pictures = sources.images(4, (10, 8, 3))
    with opened(asked(tmp_path / "d", boxes=True)) as source:
        assert source.info.n == 5
        assert source.given.tolist() == [0, 2, 2, 1, 0]
        assert [source.path(i) for i in range(5)] == [
            *("0.png[0]", "1.png[0]", "1.png[1]"),
            *("2.png[0]", "2.png[1]"),
        ]
        assert np.array_equal(source.read(1), pictures[1][2:6, 1:4])
        assert np.array_equal(source.read(3), pictures[2][1:4, 0:3])
        assert source.thumbnail(1, 2).shape == (2, 2, 3)
        assert source.original(1) is None
        assert OpenRequest.from_message(source.info.request).boxes


def test_boxes_that_lead_out_of_the_picture(tmp_path):
    things = [
        thing(10, 7, [-5, -5, 7, 7]),
        thing(10, 7, [20, 20, 5, 5]),
        thing(10, 7, [6.2, 8.9, 100, 0.01]),
        thing(10, 7, [1, 1, 0, 5]),
        thing(10, 7, [1, 1, float("nan"), 5]),
        thing(10, 7, ["a", 1, 2, 5]),
        thing(10, 7, None),
    ]
    dataset(tmp_path / "d", {**ALL, "annotations": things})
    with opened(asked(tmp_path / "d", boxes=True)) as source:
        assert source.info.n == 3
        assert "4 objects have no box with an area; left out." in source.info.warnings
        assert source.read(0).shape == (2, 2, 3)
        with pytest.raises(DatasetError, match=r"0.png\[1\]: has a box that lies outside its 8x10"):
            source.read(1)
        assert source.read(2).shape == (1, 2, 3)


@pytest.mark.parametrize("boxes", [False, True])
def test_other_images_beside_a_json_are_another_dataset(tmp_path, boxes):
    request = OpenRequest((str(dataset(tmp_path)),), boxes=boxes)
    (tmp_path / "images" / "3.png").unlink()  # listed, but not there
    with opened(request) as source:
        before = source.info.fingerprint
    (tmp_path / "images" / "notes.txt").write_text("not in the json")
    with opened(request) as source:
        assert same(before, source.info.fingerprint)
    Image.new("RGB", (8, 10), "red").save(tmp_path / "images" / "1.png")
    with opened(request) as source:
        assert not same(before, source.info.fingerprint)
        assert same(undated(before), undated(source.info.fingerprint))


def test_paths_as_windows_writes_them(tmp_path):
    written = [{"id": 10 + i, "file_name": f"images\\{i}.png"} for i in range(4)]
    with opened(sources.request(dataset(tmp_path, {**ALL, "images": written}))) as source:
        assert [source.path(i) for i in range(4)] == [f"images/{i}.png" for i in range(4)]
        assert np.array_equal(source.read(2), sources.images(4, (10, 8, 3))[2])


def test_splits_by_name_whatever_the_order_of_the_lists(tmp_path):
    backwards = dict(reversed(ALL.items()))
    dataset(tmp_path / "d", backwards, "annotations/instances_val2017.json", "val2017")
    dataset(tmp_path / "d", ALL, "annotations/instances_train2017.json", "train2017")
    (tmp_path / "d" / "annotations" / "captions_train2017.json").write_text('{"images": []}')
    with opened(asked(tmp_path / "d")) as source:
        assert source.info.splits == {"train": 4, "val": 4}
        assert source.given.tolist() == 2 * [0, 2, 0, -1]
        assert source.path(4) == "val/0.png"


def test_a_json_beside_the_images_of_each_split(tmp_path):
    for split in ("train", "valid"):
        dataset(tmp_path / "d", ALL, f"{split}/_annotations.coco.json", split)
    with opened(asked(tmp_path / "d")) as source:
        assert source.info.splits == {"train": 4, "val": 4}
        assert source.read(7).shape == (10, 8, 3)


@pytest.mark.parametrize("name", ["../secret.png", "/etc/hostname", "a/../../secret.png", "x\0y"])
def test_names_that_lead_out_are_refused(tmp_path, name):
    Image.new("RGB", (8, 8)).save(tmp_path / "secret.png")
    listed = [*ALL["images"], {"id": 99, "file_name": name}]  # type: ignore[misc]
    dataset(tmp_path / "d", {**ALL, "images": listed})
    with opened(asked(tmp_path / "d")) as source:
        assert source.info.unreadable == 1
        with pytest.raises(DatasetError, match="has a name that leads out of the folder"):
            source.read(4)


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_links_that_lead_out_are_refused(tmp_path, kind):
    outside = tmp_path / "outside"
    outside.mkdir()
    Image.new("RGB", (8, 8)).save(outside / "s.png")
    name = "s.png" if kind == "file" else "out/s.png"
    listed = [*ALL["images"], {"id": 99, "file_name": name}]  # type: ignore[misc]
    dataset(tmp_path / "d", {**ALL, "images": listed})
    link, target = ("s.png", outside / "s.png") if kind == "file" else ("out", outside)
    (tmp_path / "d" / "images" / link).symlink_to(target)
    with (
        opened(asked(tmp_path / "d")) as source,
        pytest.raises(DatasetError, match="leads out of the folder"),
    ):
        source.read(4)


def test_a_json_without_its_images_says_what_was_looked_for(tmp_path):
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(ALL))
    with pytest.raises(DatasetError, match=r"none like “0.png” lies in"):
        list(open_source(asked(path)))


def test_captions_are_refused(tmp_path):
    content = {**ALL, "categories": [], "annotations": [{"image_id": 10, "caption": "a cat"}]}
    with pytest.raises(DatasetError, match="names no categories"):
        list(open_source(asked(dataset(tmp_path / "d", content))))


def test_objects_of_nothing_are_left_out_and_said(tmp_path):
    things = [*THINGS, thing(999, 7, [0, 0, 1, 1]), thing(10, 999, [0, 0, 1, 1])]
    with opened(asked(dataset(tmp_path / "d", {**ALL, "annotations": things}))) as source:
        said = "2 annotations belong to no image or no category; left out."
        assert said in source.info.warnings


@pytest.mark.parametrize(
    "content",
    [
        {**ALL, "images": [{"id": 1}]},
        {**ALL, "images": [{"id": [1], "file_name": "x"}]},
        {**ALL, "categories": [{"id": 1}]},
        {**ALL, "annotations": [{"category_id": 1}]},
    ],
)
def test_what_lacks_its_fields_is_damaged(tmp_path, content):
    with pytest.raises(DatasetError, match="damaged or incomplete COCO json"):
        list(open_source(asked(dataset(tmp_path / "d", content))))


def test_a_json_that_is_cut_off_is_damaged(tmp_path):
    path = dataset(tmp_path / "d")
    path.write_text(path.read_text()[:-20])
    with pytest.raises(DatasetError, match="damaged or incomplete COCO json"):
        list(open_source(asked(path)))


def test_a_huge_json_is_refused(tmp_path):
    path = dataset(tmp_path / "d")
    os.truncate(path, 3 << 30)
    with pytest.raises(DatasetError, match=r"is a json of 3.2 GB"):
        list(open_source(asked(path)))


def test_other_jsons_and_folders_are_not_claimed(tmp_path):
    (tmp_path / "a.json").write_text('{"images": 3, "labels": [1]}')
    sources.folder(tmp_path / "d")
    (tmp_path / "d" / "annotations.json").write_text("[1, 2]")
    assert not coco.claims((str(tmp_path / "a.json"),))
    assert not coco.claims((str(tmp_path / "d"),))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


def streamed(text: str, block: int, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    monkeypatch.setattr(json_stream, "_BLOCK_CHARACTERS", block)
    return list(json_stream.elements(io.StringIO(text)))


@pytest.mark.slow
@given(
    content=st.dictionaries(st.text(max_size=5), values, max_size=5),
    block=st.integers(1, 60),
    indent=st.sampled_from([None, 2]),
)
@settings(max_examples=60, deadline=None)
def test_streaming_gives_what_json_gives(content, block, indent):
    expected = [
        (key, element)
        for key, value in content.items()
        for element in (value if isinstance(value, list) else [value])
    ]
    text = json.dumps(content, indent=indent, ensure_ascii=False)
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert streamed(text, block, monkeypatch) == expected
        with pytest.raises(ValueError, match=r"."):
            streamed(text[:-1], block, monkeypatch)
