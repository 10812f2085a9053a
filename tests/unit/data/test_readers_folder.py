"""Folders of images: classes, splits, odd files and odd names."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.data.readers import encoded_source, image_array, image_file
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
        assert "1 images lie in no class folder" in said
        assert "Left out because not images: notes.txt" in said


def test_unreadable_images_keep_their_id_and_are_counted(tmp_path):
    request = sources.folder(tmp_path / "d")
    (tmp_path / "d" / "ant" / "001.png").write_bytes(b"not an image")
    (tmp_path / "d" / "bee" / "000.png").write_bytes(b"")
    with opened(request) as source:
        assert (source.info.n, source.info.unreadable) == (12, 2)
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


def test_grey_files_stay_grey_and_16_bits_are_scaled(tmp_path):
    Image.fromarray(np.full((8, 8), 300, np.uint16)).save(one_class(tmp_path))
    assert only_image(tmp_path).shape == (8, 8, 1)
    assert only_image(tmp_path)[0, 0, 0] == 1


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
