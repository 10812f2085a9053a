"""Folders of images: classes, splits, odd files and odd names."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.data.names import folder_names
from models.data.readers.arrays import image_array
from models.data.readers.images import encoded_source, image_file
from models.errors import DatasetError
from models.types import UNLABELLED, OpenRequest
from tests.helpers import sources
from tests.helpers.sources import images, opened


def request_for(path):
    return OpenRequest((os.fspath(path),))


def one_class(tmp_path, name="a.png"):
    (tmp_path / "d" / "ant").mkdir(parents=True)
    return tmp_path / "d" / "ant" / name


def only_image(tmp_path):
    with opened(request_for(tmp_path / "d")) as source:
        return source.read(0)


def test_one_folder_a_class(tmp_path):
    with opened(sources.folder(tmp_path / "d")) as source:
        assert source.info.class_names == ("ant", "bee", "cat")
        assert source.given.tolist() == [0] * 4 + [1] * 4 + [2] * 4
        assert source.info.image_shape == (8, 8, 3)
        assert np.array_equal(source.read(5), images(1, (8, 8, 3), seed=5)[0])
        assert source.path(5) == "bee/001.png"
        assert source.info.sentence == "12 colour images of 8x8, 3 classes named by folders."


def test_split_folders_above_class_folders(tmp_path):
    with opened(sources.folder(tmp_path / "d", splits=("training", "test"))) as source:
        assert source.info.splits == {"test": 12, "train": 12}
        assert source.info.class_names == ("ant", "bee", "cat")
        assert source.path(12) == "training/ant/000.png"


def test_classes_named_like_splits_are_splits_only_if_all_are(tmp_path):
    with opened(sources.folder(tmp_path / "d", classes=("test", "bee"))) as source:
        assert source.info.splits == {"all": 8}
        assert source.info.class_names == ("bee", "test")


def test_split_folders_below_class_folders(tmp_path):
    for split in ("train", "test"):
        sources.folder(tmp_path / split, per_class=2)
    for name in ("ant", "bee"):
        for split in ("train", "test"):
            os.renames(tmp_path / split / name, tmp_path / "d" / name / split)
    with opened(request_for(tmp_path / "d")) as source:
        assert source.info.splits == {"test": 4, "train": 4}
        assert source.given.tolist() == [0, 0, 1, 1] * 2
        paths = [source.path(i).rpartition("/")[0] for i in range(8)]
        assert paths[::2] == ["ant/test", "bee/test", "ant/train", "bee/train"]


def test_nested_class_folders_and_groups_within_a_class(tmp_path):
    with opened(sources.folder(tmp_path / "d", classes=("pets/cat", "pets/dog", "car"))) as source:
        assert source.info.class_names == ("car", "pets/cat", "pets/dog")
    days = ("cat/day1", "cat/day2", "dog/day1")
    with opened(sources.folder(tmp_path / "e", classes=days)) as source:
        assert source.info.class_names == ("cat", "dog")
        assert "Folders within a class, not taken for classes: cat/day1" in source.info.warnings[0]


def test_a_list_of_classes_gives_their_order_and_the_names_no_folder_can_have(tmp_path):
    names = ["cat", "a/b", "no image", "con", "Cat"]
    request = sources.folder(tmp_path / "d", classes=folder_names(names)[:2], splits=("new", "old"))
    sources.folder(tmp_path / "d" / "old", classes=folder_names(names)[3:])
    (tmp_path / "d" / "classes.txt").write_text("\n".join(names), encoding="utf-8")
    with opened(request) as source:
        assert source.info.class_names == tuple(names)
        assert source.info.splits == {"new": 8, "old": 16}
        labels = {source.path(i).rpartition("/")[0]: source.given[i] for i in range(24)}
        assert labels["new/cat"] == 0
        assert labels["old/a_b"] == 1
        assert labels["old/_con"] == 3
        assert labels["old/Cat-2"] == 4
        assert source.info.warnings == ()


def test_folders_a_list_of_classes_does_not_name_come_after_it(tmp_path):
    request = sources.folder(tmp_path / "d")
    (tmp_path / "d" / "classes.txt").write_text("cat\nbee\n")
    with opened(request) as source:
        assert source.info.class_names == ("cat", "bee", "ant")
    (tmp_path / "d" / "classes.txt").write_text("0 cat\n1 bee\n2 ant\n")
    with opened(request) as source:
        assert source.info.class_names == ("ant", "bee", "cat")


def test_names_that_differ_in_case_alone_are_different(tmp_path):
    with opened(sources.folder(tmp_path / "d", classes=("Cat", "cat"), per_class=1)) as source:
        assert source.info.class_names == ("Cat", "cat")
        assert not np.array_equal(source.read(0), source.read(1))


def test_mixed_sizes(tmp_path):
    with opened(sources.folder(tmp_path / "d", sizes=((8, 8), (9, 20)))) as source:
        assert source.info.image_shape is None
        assert "of mixed sizes" in source.info.sentence
        assert source.read(1).shape == (9, 20, 3)
        assert source.thumbnail(1, 10).shape == (4, 10, 3)
        assert source.thumbnail(1, 32).shape == (9, 20, 3)


def test_images_without_class_folders_are_unlabelled(tmp_path):
    root = Path(sources.folder(tmp_path / "d", classes=("",)).paths[0])
    with opened(request_for(root)) as source:
        assert source.info.labelled == 0
        assert source.info.sentence == "4 colour images of 8x8, no labels."


def test_images_beside_class_folders_are_reported(tmp_path):
    request = sources.folder(tmp_path / "d")
    Image.fromarray(images(1)[0]).save(tmp_path / "d" / "stray.png")
    (tmp_path / "d" / "notes.txt").write_text("hello")
    with opened(request) as source:
        assert source.given[12] == UNLABELLED
        said = " ".join(source.info.warnings)
        assert "1 image lies in no class folder and counts as unlabelled" in said
        assert "Left out because not images: notes.txt" in said


def test_unreadable_images_keep_their_id_and_are_counted(tmp_path):
    request = sources.folder(tmp_path / "d")
    (tmp_path / "d" / "ant" / "001.png").write_bytes(b"not an image")
    (tmp_path / "d" / "bee" / "000.png").write_bytes(b"")
    with opened(request) as source:
        assert (source.info.n, source.info.unreadable) == (12, 2)
        assert list(source.unreadable) == [1, 4]
        assert source.unreadable[1].startswith("is not an image Winnow reads")
        assert "ant/001.png is not an image Winnow reads" in source.info.warnings[0]
        with pytest.raises(DatasetError, match=r"ant/001.png: is not an image Winnow reads"):
            source.read(1)
        assert source.read(2).shape == (8, 8, 3)


def test_a_truncated_image_is_unreadable_when_it_is_read(tmp_path):
    path = one_class(tmp_path)
    Image.fromarray(images(1, (64, 64, 3))[0]).save(path)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(DatasetError, match=r"a.png: is damaged \(image file is truncated"):
        only_image(tmp_path)


@pytest.mark.parametrize("make", [lambda d: None, lambda d: (d / "notes.txt").write_text("")])
def test_a_folder_without_images_is_refused(tmp_path, make):
    (tmp_path / "ant").mkdir()
    make(tmp_path / "ant")
    with pytest.raises(DatasetError, match="holds no images"):
        opened(request_for(tmp_path))


def test_transparency_and_palettes_look_as_in_a_viewer(tmp_path):
    path = one_class(tmp_path)
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    clear.putpixel((0, 0), (255, 0, 0, 255))
    clear.save(path)
    pixels = only_image(tmp_path)
    assert pixels[0, 0].tolist() == [255, 0, 0]
    assert pixels[1, 1].tolist() == [255, 255, 255]
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 10, 20, 30])
    palette.save(path)
    assert only_image(tmp_path)[3, 3].tolist() == [10, 20, 30]


def deep_folder(tmp_path, n=4):
    """Grey 16-bit images; number i reaches from 100 to 1000 * (i + 1)."""
    one_class(tmp_path)
    for i in range(n):
        pixels = np.linspace(100, 1000 * (i + 1), 64).astype(np.uint16).reshape(8, 8)
        Image.fromarray(pixels).save(tmp_path / "d" / "ant" / f"{i}.png")
    return request_for(tmp_path / "d")


def test_grey_images_of_16_bits_keep_their_precision(tmp_path):
    with opened(deep_folder(tmp_path)) as source:
        assert (source.info.dtype, source.info.image_shape) == ("uint16", (8, 8, 1))
        assert source.info.value_range == (100, 4000)
        assert source.read(1).dtype == np.uint16
        assert source.read(1).max() == 2000
        thumbnail = source.thumbnail(3, 32)
        assert (thumbnail.dtype, thumbnail.min(), thumbnail.max()) == (np.uint8, 0, 255)
        assert source.thumbnail(3, 4).shape == (4, 4, 1)


def test_16_bits_among_8_bits_are_scaled_and_it_is_said(tmp_path):
    request = deep_folder(tmp_path, n=1)
    Image.new("L", (8, 8)).save(tmp_path / "d" / "ant" / "plain.png")
    with opened(request) as source:
        assert source.info.dtype == "uint8"
        assert source.read(0).max() == round(1000 / 257)
        assert "1 image of 16 bits among others of 8 bits" in " ".join(source.info.warnings)


def test_floating_point_images_keep_their_values_unless_they_are_among_others(tmp_path):
    path = one_class(tmp_path, "a.tif")
    values = np.linspace(-2, 3, 64, dtype=np.float32).reshape(8, 8)
    Image.fromarray(values).save(path)
    with opened(request_for(tmp_path / "d")) as source:
        assert (source.info.dtype, source.info.value_range) == ("float32", (-2, 3))
        assert np.array_equal(source.read(0)[..., 0], values)
    Image.new("L", (8, 8)).save(path.with_name("b.png"))
    with opened(request_for(tmp_path / "d")) as source:
        assert source.info.dtype == "uint8"
        assert source.unreadable == {0: image_file.INCOMPARABLE}
        with pytest.raises(DatasetError, match=r"a\.tif: has floating-point or 32-bit pixels"):
            source.read(0)


def test_grey_among_colour_becomes_colour(tmp_path):
    request = sources.folder(tmp_path / "d")
    Image.new("L", (8, 8), 77).save(tmp_path / "d" / "ant" / "000.png")
    with opened(request) as source:
        assert source.read(0)[0, 0].tolist() == [77, 77, 77]


def test_the_turn_in_exif_is_honoured(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (20, 10)).save(one_class(tmp_path, "a.jpg"), exif=exif)
    with opened(request_for(tmp_path / "d")) as source:
        assert source.info.image_shape == source.read(0).shape == (20, 10, 3)
        assert source.thumbnail(0, 8).shape == (8, 4, 3)


def test_huge_images_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(image_file.Image, "MAX_IMAGE_PIXELS", 50)
    Image.fromarray(images(1, (8, 8, 3))[0]).save(one_class(tmp_path))
    with pytest.raises(DatasetError, match="has more than 50 million pixels"):
        only_image(tmp_path)
    assert image_array.MAX_PIXELS == 50_000_000


def test_other_formats_are_not_opened_whatever_their_name(tmp_path):
    one_class(tmp_path).write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n")
    with pytest.raises(DatasetError, match="is not an image Winnow reads"):
        only_image(tmp_path)


def test_links_out_of_the_folder_are_refused_and_links_inside_followed(tmp_path):
    request = sources.folder(tmp_path / "d")
    outside = tmp_path / "outside.png"
    Image.fromarray(images(1)[0]).save(outside)
    (tmp_path / "d" / "ant" / "out.png").symlink_to(outside)
    (tmp_path / "d" / "ant" / "in.png").symlink_to(tmp_path / "d" / "ant" / "000.png")
    (tmp_path / "d" / "loop").symlink_to(tmp_path / "d")
    with opened(request) as source:
        names = [source.path(i) for i in range(source.info.n)]
        assert np.array_equal(source.read(names.index("ant/in.png")), source.read(0))
        with pytest.raises(DatasetError, match=r"out.png: is a link that leads out of the folder"):
            source.read(names.index("ant/out.png"))
        assert "Links to folders, not followed: loop" in " ".join(source.info.warnings)


def test_a_pipe_in_the_place_of_an_image_does_not_hang(tmp_path):
    path = one_class(tmp_path)
    os.mkfifo(path)
    with pytest.raises(DatasetError, match="is not a regular file"):
        only_image(tmp_path)


def test_odd_names(tmp_path):
    folder = os.fsencode(tmp_path) + b"/d/caf\xe9"
    os.makedirs(folder)
    for name in (b"\xff.png", b"new\nline.png", "日本.png".encode()):
        Image.fromarray(images(1)[0]).save(tmp_path / "x.png")
        os.rename(tmp_path / "x.png", folder + b"/" + name)
    with opened(request_for(tmp_path / "d")) as source:
        assert source.info.class_names == (r"caf\xe9",)
        shown = {source.path(i) for i in range(3)}
        assert shown == {r"caf\xe9/\xff.png", r"caf\xe9/new\nline.png", r"caf\xe9/日本.png"}
        assert all(source.read(i).shape == (8, 8, 1) for i in range(3))


def test_of_a_large_folder_only_some_files_are_checked(tmp_path, monkeypatch):
    monkeypatch.setattr(encoded_source, "_CHECK_ALL", 5)
    monkeypatch.setattr(encoded_source, "_CHECK_SOME", 3)
    with opened(sources.folder(tmp_path / "d")) as source:
        assert source.info.image_shape is None
        assert "3 of 12 files were checked" in " ".join(source.info.warnings)
        assert source.info.sentence.startswith("12 colour images, 3 classes")


@pytest.mark.shared
def test_the_photos_of_insects_open_as_they_are(shared_data):
    with opened(request_for(shared_data / "photos_insects")) as source:
        assert source.info.splits == {"train": 245, "val": 153}
        assert source.info.class_names == ("ants", "bees")
        assert (source.info.image_shape, source.info.unreadable) == (None, 0)
        paths = [source.path(i) for i in range(source.info.n)]
        assert source.read(paths.index("train/ants/imageNotFound.gif")).shape[2] == 3


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a.png", r"is a single image.*Open the folder"),
        ("labels.csv", r"holds no column for each pixel.*open the folder they lie in"),
        ("a.xyz", "is in no format Winnow reads"),
    ],
)
def test_one_file_of_a_folder_of_images_says_to_open_the_folder(tmp_path, name, says):
    (tmp_path / name).write_text("file,label\na.png,cat\n")
    with pytest.raises(DatasetError, match=says):
        opened(OpenRequest((str(tmp_path / name),)))


def test_a_folder_that_may_not_be_listed_is_refused_in_words(tmp_path, monkeypatch):
    (tmp_path / "cat").mkdir()

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DatasetError, match=r"cannot be read \(Permission denied\)"):
        opened(OpenRequest((str(tmp_path),)))
