"""Several paths that are the splits of one dataset: folders, archives, shards, tables."""

from __future__ import annotations

import csv
import os
import shutil
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.data.readers import open_source
from models.errors import DatasetError, SourceMissing
from models.opening import open_review, request_for
from models.types import UNLABELLED, OpenRequest
from tests.helpers import sources
from tests.helpers.local import exported
from tests.helpers.sources import opened
from tests.unit.data.test_readers_coco import dataset as coco_dataset
from tests.unit.data.test_readers_parquet import parquet
from tests.unit.data.test_readers_webdataset import samples, shard


def together(root: Path, *names: str) -> OpenRequest:
    return OpenRequest(tuple(str(root / name) for name in names))


def refusal(request: OpenRequest) -> str:
    with pytest.raises(DatasetError) as refused:
        list(open_source(request))
    return str(refused.value)


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    """Folders train, val and test; val lacks bees."""
    root = tmp_path / "flowers"
    sources.folder(root, splits=("train", "val", "test"), per_class=2)
    shutil.rmtree(root / "val" / "bee")
    return root


# -- folders -----------------------------------------------------------------------------
def test_folders_are_the_splits_of_one_dataset_in_the_order_given(flowers: Path) -> None:
    with opened(together(flowers, "train", "val", "test")) as source:
        info = source.info
        assert (info.kind, info.name) == ("folder", "flowers")
        assert list(info.splits.items()) == [("train", 6), ("val", 4), ("test", 6)]
        assert info.class_names == ("ant", "bee", "cat")
        assert source.given.tolist() == [0, 0, 1, 1, 2, 2, 0, 0, 2, 2, 0, 0, 1, 1, 2, 2]
        assert info.warnings == ()
        assert len(info.fingerprint["parts"]) == 3
        assert source.path(8) == "val/cat/000.png"
        stored = np.asarray(Image.open(flowers / "val" / "cat" / "000.png"))
        assert np.array_equal(source.read(8), stored)


def test_folders_mean_what_the_folder_that_holds_them_means(flowers: Path) -> None:
    with (
        opened(OpenRequest((str(flowers),))) as whole,
        opened(together(flowers, "test", "train", "val")) as parts,
    ):
        assert parts.info.splits == whole.info.splits
        assert parts.given.tolist() == whole.given.tolist()
        every = range(whole.info.n)
        assert [parts.path(i) for i in every] == [whole.path(i) for i in every]


def test_folders_elsewhere_and_of_other_names(tmp_path: Path) -> None:
    sources.folder(tmp_path / "a" / "flowers_train", classes=("ant", "bee"))
    sources.folder(tmp_path / "b" / "c" / "flowers_red", classes=("bee", "cat"))
    with opened(together(tmp_path, "a/flowers_train", "b/c/flowers_red")) as source:
        assert list(source.info.splits) == ["train", "red"]
        assert source.info.class_names == ("ant", "bee", "cat")
        assert source.given.tolist() == [0] * 4 + [1] * 8 + [2] * 4


def test_folders_behind_links_are_called_as_they_were_given(flowers: Path) -> None:
    hidden = flowers.parent / "0001"
    (flowers / "val").rename(hidden)
    (flowers / "val").symlink_to(hidden)
    with opened(together(flowers, "train", "val")) as source:
        assert source.info.splits == {"train": 6, "val": 4}
        assert source.read(9).shape == (8, 8, 3)


def test_a_link_may_lead_to_another_split_and_no_further(flowers: Path) -> None:
    for name, target in (("inside", "train/bee/000.png"), ("outside", "test/bee/000.png")):
        (flowers / "val" / "cat" / f"{name}.png").symlink_to(flowers / target)
    with opened(together(flowers, "train", "val")) as source:
        ids = {source.path(i): i for i in range(source.info.n)}
        assert source.read(ids["val/cat/inside.png"]).shape == (8, 8, 3)
        with pytest.raises(DatasetError, match="leads out of the folder"):
            source.read(ids["val/cat/outside.png"])


def test_grey_and_colour_splits_are_read_alike(flowers: Path) -> None:
    for path in (flowers / "test").rglob("*.png"):
        Image.open(path).convert("L").save(path)
    with opened(together(flowers, "train", "test")) as source:
        assert source.info.image_shape == (8, 8, 3)
        assert source.read(11).shape == (8, 8, 3)


def test_tables_speak_of_their_own_folder(flowers: Path) -> None:
    for split in ("train", "test"):
        flat = flowers / "flat" / split
        flat.mkdir(parents=True)
        with open(flat / "labels.csv", "w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("file", "label"))
            for i, path in enumerate(sorted((flowers / split).rglob("*.png"))):
                shutil.copy(path, flat / f"{i}.png")
                rows.writerow((f"{i}.png", path.parent.name + "s" * (split == "test")))
    with opened(together(flowers / "flat", "train", "test")) as source:
        assert source.info.splits == {"train": 6, "test": 6}
        assert source.info.class_names == ("ant", "ants", "bee", "bees", "cat", "cats")
        assert source.given.tolist() == [0, 0, 2, 2, 4, 4, 1, 1, 3, 3, 5, 5]


def test_lists_of_classes_are_joined(flowers: Path) -> None:
    (flowers / "train" / "classes.txt").write_text("cat\nbee\n")
    (flowers / "test" / "classes.txt").write_text("bee\nant\n")
    with opened(together(flowers, "train", "test")) as source:
        assert source.info.class_names == ("cat", "bee", "ant")
        assert source.info.warnings == ()


def test_numbers_cannot_mean_one_class_here_and_another_there(flowers: Path) -> None:
    for split, names in (("train", "ant\nbee\n"), ("test", "bee\nant\n")):
        flat = flowers / "flat" / split
        flat.mkdir(parents=True)
        (flat / "classes.txt").write_text(names)
        (flat / "labels.csv").write_text("file,label\n0.png,0\n1.png,1\n")
        for i in range(2):
            shutil.copy(flowers / split / "bee" / "000.png", flat / f"{i}.png")
    assert "lists other classes than" in refusal(together(flowers / "flat", "train", "test"))


def test_a_split_without_labels(flowers: Path) -> None:
    for path in (flowers / "test").rglob("*.png"):
        shutil.copy(path, flowers / "test" / f"{path.parent.name}-{path.name}")
    shutil.rmtree(flowers / "test" / "ant")
    shutil.rmtree(flowers / "test" / "bee")
    shutil.rmtree(flowers / "test" / "cat")
    with opened(together(flowers, "train", "test")) as source:
        assert source.info.splits == {"train": 6, "test": 6}
        assert (source.given[6:] == UNLABELLED).all()


def test_folders_that_may_be_classes_are_said(flowers: Path) -> None:
    with opened(together(flowers / "train", "ant", "bee")) as source:
        assert source.info.splits == {"ant": 2, "bee": 2}
        assert "If each is a class, open what holds them" in source.info.warnings[-1]


def test_a_folder_that_says_once_more_which_split_it_is(tmp_path: Path) -> None:
    sources.folder(tmp_path / "site1", splits=("train",), per_class=1)
    sources.folder(tmp_path / "site2", splits=("test",), per_class=1)
    with opened(together(tmp_path, "site1", "site2")) as source:
        assert source.info.splits == {"train": 3, "test": 3}
        assert source.info.class_names == ("ant", "bee", "cat")


def test_the_only_class_of_a_split_may_be_called_train(tmp_path: Path) -> None:
    sources.folder(tmp_path / "train", classes=("train", "plane"), per_class=1)
    sources.folder(tmp_path / "val", classes=("train",), per_class=1)
    with opened(together(tmp_path, "train", "val")) as source:
        assert source.info.class_names == ("plane", "train")
        assert source.given.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("flowers", "more"), r"flowers: has splits of its own \(test, train, val\)"),
        (("flowers", "flowers/train"), "holds another of the folders given"),
        (("more", "more"), "was given twice"),
        (("more", "empty"), "empty: holds no images"),
        (("more", "d.npz"), "not of one kind.*all folders, all archives"),
        (("more", "d.zip"), "not of one kind"),
        (("more", "p.winnow"), "cannot be opened together"),
    ],
)
def test_what_cannot_be_one_dataset_is_refused_in_words(
    flowers: Path, tmp_path: Path, names: tuple[str, ...], words: str
) -> None:
    sources.folder(tmp_path / "more", per_class=1)
    sources.npz(tmp_path / "d.npz")
    shutil.make_archive(str(tmp_path / "d"), "zip", tmp_path / "more")
    (tmp_path / "empty").mkdir()
    (tmp_path / "p.winnow").mkdir()
    with pytest.raises(DatasetError, match=words):
        list(open_source(together(tmp_path, *names)))


def test_each_class_as_a_path_of_its_own_is_too_much(tmp_path: Path) -> None:
    names = [f"class{i}" for i in range(51)]
    for name in names:
        (tmp_path / name).mkdir()
    assert "open the folder that holds them" in refusal(together(tmp_path, *names))


# -- what else holds encoded images ------------------------------------------------------
def test_archives_named_by_their_splits(flowers: Path, tmp_path: Path) -> None:
    shutil.rmtree(flowers / "val" / "ant")  # one class is left
    shutil.make_archive(str(tmp_path / "flowers_train"), "zip", flowers / "train")
    shutil.make_archive(str(tmp_path / "flowers_val"), "gztar", flowers, "val")
    with opened(together(tmp_path, "flowers_train.zip", "flowers_val.tar.gz")) as source:
        assert source.info.splits == {"train": 6, "val": 2}
        assert source.info.class_names == ("ant", "bee", "cat")
        assert source.given.tolist() == [0, 0, 1, 1, 2, 2, 2, 2]


def test_archives_of_arrays(tmp_path: Path) -> None:
    for split in ("train", "test"):
        (tmp_path / "in" / split).mkdir(parents=True)
        sources.npz(tmp_path / "in" / split / "data.npz")
        shutil.make_archive(str(tmp_path / split), "zip", tmp_path / "in" / split)
    with opened(together(tmp_path, "train.zip", "test.zip")) as source:
        assert source.info.splits == {"train": 24, "test": 24}


@pytest.mark.parametrize("as_folders", [True, False])
@pytest.mark.parametrize("kind", ["parquet", "tar"])
def test_shards_of_a_split_each(tmp_path: Path, kind: str, as_folders: bool) -> None:
    for split, stop in (("train", 6), ("red", 4) if as_folders else ("val", 4)):
        (tmp_path / split).mkdir()
        if kind == "tar":
            shard(tmp_path / split / "0.tar", samples(0, stop))
        else:
            files = sources.encoded()[:stop]
            parquet(tmp_path / split / "0.parquet", {"image": files, "label": [1] * stop})
    names = ("train", "red") if as_folders else (f"train/0.{kind}", f"val/0.{kind}")
    with opened(together(tmp_path, *names)) as source:
        assert list(source.info.splits.items()) == [("train", 6), (names[1].split("/")[0], 4)]


def test_a_folder_of_shards_with_splits_of_its_own_is_refused(tmp_path: Path) -> None:
    for path in ("a/train-0", "a/test-0", "b/0"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        parquet(tmp_path / f"{path}.parquet")
    assert "has splits of its own (train, test)" in refusal(together(tmp_path, "a", "b"))
    assert "was given twice" in refusal(together(tmp_path, "b", "b"))


def test_folders_with_a_coco_json_each(tmp_path: Path) -> None:
    for split in ("train", "valid"):
        coco_dataset(tmp_path / split, json_name="_annotations.coco.json", folder=".")
    with opened(together(tmp_path, "train", "valid")) as source:
        assert source.info.splits == {"train": 4, "val": 4}
        assert source.path(4) == "val/0.png"
        assert source.read(4).shape == (10, 8, 3)


def test_tables_of_pixels(tmp_path: Path) -> None:
    for split in ("train", "test"):
        rows = np.hstack([sources.labels()[:, None], sources.images().reshape(24, 64)])
        header = ",".join(["label", *(f"pixel{i}" for i in range(64))])
        np.savetxt(tmp_path / f"{split}.csv", rows, "%d", ",", header=header, comments="")
    with opened(together(tmp_path, "train.csv", "test.csv")) as source:
        assert source.info.splits == {"train": 24, "test": 24}


# -- their project -----------------------------------------------------------------------
def test_the_project_lies_beside_the_folders_and_follows_them(flowers: Path) -> None:
    parts = [flowers / "train", flowers / "val"]
    with closing(open_review(request_for(parts))) as review:
        project = review.project.path
        assert project == flowers / "flowers.winnow"
        assert review.reader.files(np.array([0, 6])) == [
            str(flowers / "train" / "ant" / "000.png"),
            str(flowers / "val" / "ant" / "000.png"),
        ]
    moved = flowers / "elsewhere"
    moved.mkdir()
    for part in parts:
        part.rename(moved / part.name)
    with pytest.raises(SourceMissing):
        open_review(request_for([project]))
    open_review(request_for([moved]), project).close()  # the folder they moved to is enough
    with closing(open_review(request_for([project]))) as review:
        assert review.info.request["paths"] == [str(moved / part.name) for part in parts]


def test_exports_find_the_files_of_each_folder(flowers: Path, tmp_path: Path) -> None:
    with closing(open_review(request_for([flowers / "train", flowers / "val"]))) as review:
        for files in ("link", "list"):
            exported(review.project.path, tmp_path / files, "folder", files=files)
    original = flowers / "val" / "cat" / "001.png"
    assert os.path.samefile(original, tmp_path / "link" / "val" / "cat" / "001.png")
    with open(tmp_path / "list" / "files.csv", encoding="utf-8") as file:
        assert [row["path"] for row in csv.DictReader(file)][-1] == str(original)
