"""What each format writes, leaves out, refuses, and says in its manifest."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from models.data.fingerprint import content_hash
from models.data.rematch import stored_hashes
from models.data.writers import folder_export
from models.data.writers.hashing import hashing
from models.data.writers.hdf5 import stored_images
from models.data.writers.material import image_batches
from models.errors import DatasetError, ProjectError
from models.labelling import labelling
from models.opening import Review, open_review, request_for
from models.review.decisions import Action, Status, merge_classes
from models.review.replay import history
from models.splitting import NewSplit, SplitWish, keep_split
from models.types import Finished, OpenRequest, SplitAssignment
from models.undoing import keep_undoing
from tests.helpers import sources
from tests.helpers.datasets import folder_source, npz_source
from tests.helpers.local import exported, press
from tests.helpers.projects import N_SAMPLES, UNSCORED, WRONG, add_run, small_npz


def reviewed(path: Path) -> Review:
    return open_review(OpenRequest((str(path),)))


@pytest.fixture
def photos(tmp_path: Path) -> Iterator[Review]:
    with closing(reviewed(folder_source(tmp_path / "photos"))) as review:
        yield review


@pytest.fixture
def digits(tmp_path: Path) -> Iterator[Review]:
    with closing(reviewed(npz_source(tmp_path / "digits.npz"))) as review:
        yield review


@pytest.fixture
def insects(tmp_path: Path) -> Iterator[Review]:
    """Twelve images with the scores of a run."""
    with closing(reviewed(small_npz(tmp_path))) as review:
        add_run(review.project.path)
        yield review


def files_in(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def manifest_of(out: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(Path(f"{out}.manifest.json").read_text())
    return found


@pytest.mark.slow
@pytest.mark.parametrize("as_format", ["h5", "npz", "folder", "parquet"])
def test_a_large_photo_that_cannot_be_read_is_left_out_like_any_other(
    tmp_path: Path, as_format: str
) -> None:
    (tmp_path / "photos" / "ant").mkdir(parents=True)
    for i in range(3):
        photo = Image.fromarray(np.full((1700, 1700, 3), i, np.uint8))
        photo.save(tmp_path / "photos" / "ant" / f"{i}.png")
    whole = (tmp_path / "photos" / "ant" / "1.png").read_bytes()
    (tmp_path / "photos" / "ant" / "1.png").write_bytes(whole[: len(whole) // 2])
    with closing(reviewed(tmp_path / "photos")) as review:
        assert review.info.image_shape == (1700, 1700, 3)  # read one at a time
        result = exported(review.project.path, tmp_path / "out", as_format)
    assert (result["n"], result["unreadable"]) == (2, 1)


@pytest.mark.slow
def test_large_photos_of_several_sizes_are_not_all_held_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "photos" / "ant").mkdir(parents=True)
    for i, side in enumerate((1700, 8, 1701, 8, 8)):
        photo = Image.fromarray(np.full((side, side, 3), i, np.uint8))
        photo.save(tmp_path / "photos" / "ant" / f"{i}.png")
    with closing(reviewed(tmp_path / "photos")) as review:
        ids, reader, read = np.arange(review.info.n), review.reader, review.reader.read
        batches = [batch.sample_ids.tolist() for batch in image_batches(ids, review.info, reader)]
        exported(review.project.path, tmp_path / "out.h5", "h5")
        held: list[int] = []
        monkeypatch.setattr(reader, "read", lambda some: held.append(len(some)) or read(some))
        list(hashing(reader, ids))
    assert batches == [[0], [1], [2], [3], [4]]
    assert [len(images) for images in stored_images(tmp_path / "out.h5")] == [1, 1, 1, 2]
    assert held == [1] * 5


# -- npz -------------------------------------------------------------------------------------
def test_npz_keeps_names_types_and_axes(tmp_path: Path) -> None:
    x = sources.images(24, (3, 6, 5)).astype("f4")
    request = sources.npz(tmp_path / "a.npz", x_train=x[:20], y_train=np.arange(20) % 2)
    with closing(open_review(request)) as review:
        press(review, Action.EXCLUDE, [3])
        exported(review.project.path, tmp_path / "out.npz", "npz")
    with np.load(tmp_path / "out.npz") as out:
        np.testing.assert_array_equal(out["x_train"], np.delete(x[:20], 3, 0))
        assert (out["x_train"].dtype, out["y_train"].dtype) == (np.float32, np.int64)
        assert out["class_names"].tolist() == ["0", "1"]
    arrays = manifest_of(tmp_path / "out.npz")["arrays"]
    assert arrays[0] == {"name": "x_train", "shape": [19, 3, 6, 5], "dtype": "float32"}  # type: ignore[index]


def test_what_npz_learns_of_images_is_kept_of_each_whatever_split_it_is_in(
    digits: Review, tmp_path: Path
) -> None:
    n, project = digits.info.n, digits.project
    turns = np.arange(n, dtype=np.uint8) % 2
    assignment = SplitAssignment.of(("train", "test"), turns)
    keep_split(project, NewSplit(SplitWish({}), assignment, {}))
    exported(project.path, tmp_path / "out.npz", "npz")
    with np.load(tmp_path / "digits.npz") as source:
        expected = [np.frombuffer(content_hash(image), np.uint8) for image in source["images"]]
    np.testing.assert_array_equal(stored_hashes(project, n), expected)


@pytest.mark.parametrize(
    "names",
    [
        ("train", "validation", "test"),
        ("fold1", "fold2", "fold10"),
        ("../x", "a/../../../y", "images", "labels"),
        ("Train", "train", "東京\u3000駅"),
        ("valid",),
        ("pool", "train"),
    ],
)
@pytest.mark.parametrize("with_labels", [True, False])
def test_npz_gives_new_splits_back_whatever_they_are_called(
    tmp_path: Path, names: tuple[str, ...], with_labels: bool
) -> None:
    x, codes = sources.images(24), np.arange(24) % len(names)
    labels = np.arange(24) % 3
    if not with_labels:
        labels[codes == 0] = -1
    arrays = {"x_train": x[:16], "y_train": labels[:16], "x_test": x[16:], "y_test": labels[16:]}
    listed = {"class_names": np.array(["zebra", "ant", "bee", "cat"])}
    with closing(open_review(sources.npz(tmp_path / "a.npz", **arrays, **listed))) as review:
        assignment = SplitAssignment.of(names, codes.astype(np.uint8))
        keep_split(review.project, NewSplit(SplitWish({}), assignment, {}))
        exported(review.project.path, tmp_path / "out.npz", "npz")
    with zipfile.ZipFile(tmp_path / "out.npz") as archive:
        assert not any(".." in name.split("/") for name in archive.namelist())
    with sources.opened(sources.request(tmp_path / "out.npz")) as again:
        assert again.info.class_names == tuple(listed["class_names"])
        where = {image.tobytes(): i for i, image in enumerate(x)}
        ids = [where[image.tobytes()] for image in sources.grey(again)]
        assert sorted(ids) == list(range(24))
        assert again.given.tolist() == labels[ids].tolist()
        read = [list(again.info.splits)[code] for code in again.info.split_codes()]
        assert read == [names[code] for code in codes[ids]]


def test_npz_of_images_of_one_size_that_are_files(tmp_path: Path) -> None:
    with closing(open_review(sources.folder(tmp_path / "a", splits=("train", "test")))) as review:
        exported(review.project.path, tmp_path / "out.npz", "npz")
    with np.load(tmp_path / "out.npz") as out:
        assert sorted(out) == [
            *("class_names", "images_test", "images_train", "labels_test", "labels_train")
        ]
        assert out["images_train"].shape == (12, 8, 8, 3)


def test_npz_leaves_out_what_cannot_be_read(tmp_path: Path) -> None:
    request = sources.folder(tmp_path / "a")
    (tmp_path / "a" / "bee" / "001.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with closing(open_review(request)) as review:
        result = exported(review.project.path, tmp_path / "out.npz", "npz")
    assert (result["n"], result["unreadable"]) == (11, 1)
    with np.load(tmp_path / "out.npz") as out:
        assert out["images"].shape == (11, 8, 8, 3)
        assert np.bincount(out["labels"]).tolist() == [4, 3, 4]


# -- folders ---------------------------------------------------------------------------------
def test_a_folder_holds_the_originals_in_the_corrected_classes(
    photos: Review, tmp_path: Path
) -> None:
    press(photos, Action.SET, [0], label=1)  # =cmd/0.png becomes a cat
    press(photos, Action.EXCLUDE, [11])
    result = exported(photos.project.path, tmp_path / "out", "folder")
    assert files_in(tmp_path / "out") == [
        *(f"=cmd/{i}.png" for i in (1, 2, 3)),
        *("cat/0-04.png", "cat/0.png", "cat/1.png", "cat/2.png", "cat/3.png"),
        "classes.txt",
        *(f"größe/{i}.png" for i in range(3)),
    ]
    moved = (tmp_path / "out" / "cat" / "0.png").read_bytes()
    assert moved == (tmp_path / "photos" / "=cmd" / "0.png").read_bytes()
    assert (tmp_path / "out" / "classes.txt").read_text() == "=cmd\ncat\ngröße\n"
    assert result["n"] == 11
    assert manifest_of(tmp_path / "out")["left_out"] == {"excluded": [11], "unreadable": []}


def test_arrays_become_png_files(digits: Review, tmp_path: Path) -> None:
    exported(digits.project.path, tmp_path / "out", "folder")
    with Image.open(tmp_path / "out" / "1" / "04.png") as image:
        found = np.asarray(image)
    with np.load(tmp_path / "digits.npz") as source:
        np.testing.assert_array_equal(found, source["images"][4])


def test_the_hash_of_a_folder_can_be_made_again(photos: Review, tmp_path: Path) -> None:
    exported(photos.project.path, tmp_path / "out", "folder")
    manifest = manifest_of(tmp_path / "out")
    again = subprocess.run(
        ["bash", "-c", str(manifest["sha256_of"])],
        cwd=tmp_path / "out",
        capture_output=True,
        text=True,
        check=True,
    )
    assert again.stdout.split()[0] == manifest["sha256"]
    assert manifest["files"] == 13


def test_links_are_the_same_files(photos: Review, tmp_path: Path) -> None:
    exported(photos.project.path, tmp_path / "out", "folder", files="link")
    original = tmp_path / "photos" / "cat" / "1.png"
    assert os.path.samefile(original, tmp_path / "out" / "cat" / "1.png")


@pytest.fixture
def station(tmp_path: Path) -> Iterator[tuple[Review, Path]]:
    """Screenshots with names as computers give them, and one of them."""
    folder = tmp_path / "photos" / "東京\u3000駅"
    folder.mkdir(parents=True)
    for i in range(2):
        shot = Image.fromarray(sources.images(1, (8, 8, 3), seed=i)[0])
        shot.save(folder / f"Screenshot {i}.04\u202fPM.png")
    with closing(reviewed(tmp_path / "photos")) as review:
        yield review, folder / "Screenshot 0.04\u202fPM.png"


def test_spaces_of_other_kinds_in_names_still_lead_to_the_files(
    station: tuple[Review, Path], tmp_path: Path
) -> None:
    review, shot = station
    assert review.info.class_names == (shot.parent.name,)
    for files in ("list", "link"):
        exported(review.project.path, tmp_path / files, "folder", files=files)
    with open(tmp_path / "list" / "files.csv", encoding="utf-8") as file:
        assert all(os.path.isfile(row["path"]) for row in csv.DictReader(file))
    assert os.path.samefile(shot, tmp_path / "link" / shot.parent.name / shot.name)


def test_links_need_files(digits: Review, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"nothing to link to.*copies"):
        exported(digits.project.path, tmp_path / "out", "folder", files="link")


def test_links_need_one_disk(
    photos: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(folder_export.os, "link", refuse)
    with pytest.raises(ProjectError, match=r"cannot be linked.*export with copies"):
        exported(photos.project.path, tmp_path / "out", "folder", files="link")
    assert not (tmp_path / "out").exists()


def test_a_list_names_where_images_are(photos: Review, tmp_path: Path) -> None:
    exported(photos.project.path, tmp_path / "out", "folder", files="list")
    with open(tmp_path / "out" / "files.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {
        "sample_id": "0",
        "split": "all",
        "class": "'=cmd",
        "path": str(tmp_path / "photos" / "=cmd" / "0.png"),
    }
    assert len(rows) == 12
    assert files_in(tmp_path / "out") == ["classes.txt", "files.csv"]


def test_unlabelled_images_lie_directly_under_their_split(tmp_path: Path) -> None:
    labels = np.array([-1, 0, 1, -1])
    request = sources.npz(tmp_path / "a.npz", images=sources.images(4), labels=labels)
    with closing(open_review(request)) as review:
        exported(review.project.path, tmp_path / "out", "folder")
    assert files_in(tmp_path / "out") == ["0.png", "0/1.png", "1/2.png", "3.png", "classes.txt"]


@pytest.mark.parametrize(
    ("names", "read"),
    [
        (["train", "test"], ["train", "test"]),
        (["classes.txt", "cat"], ["classes.txt", "cat"]),
        (["zebra", "cat", " cat"], ["zebra", "cat", "cat (2)"]),
        (["zebra", " ", "cat"], ["zebra", "_", "cat"]),
        (["zebra", "東京\u3000駅", "👨\u200d👩", "cat"],) * 2,
    ],
)
def test_classes_come_back_from_a_folder_whatever_they_are_called(
    tmp_path: Path, names: list[str], read: list[str]
) -> None:
    codes = np.arange(12) % len(names)
    arrays = {"images": sources.images(12), "labels": codes, "class_names": np.array(names)}
    with closing(open_review(sources.npz(tmp_path / "a.npz", **arrays))) as review:
        exported(review.project.path, tmp_path / "out", "folder")
    with sources.opened(sources.request(tmp_path / "out")) as again:
        assert again.info.class_names == tuple(read)
        assert list(again.info.splits) == ["all"]
        of_image = {
            image.tobytes(): code for image, code in zip(arrays["images"], codes, strict=True)
        }
        found = [of_image[again.read(i)[..., 0].tobytes()] for i in range(12)]
        assert again.given.tolist() == found


def test_classes_never_lead_out_of_the_folder(tmp_path: Path) -> None:
    names = np.array(["../up", "/etc", "CON", "a\nb"])
    request = sources.npz(tmp_path / "a.npz", images=sources.images(4), labels=names)
    with closing(open_review(request)) as review:
        exported(review.project.path, tmp_path / "out", "folder")
    found = {path.split("/")[0] for path in files_in(tmp_path / "out")}
    assert found == {"_.._up", "_etc", "_CON", "classes.txt", *(f for f in found if f[0] == "a")}
    outside = {path.name for path in tmp_path.iterdir()} - {"home", "a.winnow"}
    assert outside == {"a.npz", "out", "out.manifest.json"}


def test_nothing_is_written_into_the_dataset_itself(photos: Review, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="never written to"):
        exported(photos.project.path, tmp_path / "photos" / "cat" / "out", "folder")


def test_a_file_that_changed_on_the_disk_is_noticed(
    photos: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(path: Path, data: bytes) -> None:
        path.write_bytes(data[:-1] + b"?" if path.suffix == ".png" else data)

    monkeypatch.setattr(folder_export, "_write_new", damaged)
    with pytest.raises(ProjectError, match="does not read back"):
        exported(photos.project.path, tmp_path / "out", "folder")
    assert not (tmp_path / "out").exists()


# -- parquet ---------------------------------------------------------------------------------
@pytest.mark.parametrize("as_format", ["folder", "parquet"])
def test_a_first_image_that_is_not_there_is_left_out_like_any_other(
    tmp_path: Path, as_format: str
) -> None:
    root = folder_source(tmp_path / "photos")
    first = min(root.rglob("*.png"))
    first.unlink()
    first.symlink_to("/nowhere/0.png")
    with closing(reviewed(root)) as review:
        result = exported(review.project.path, tmp_path / "out", as_format)
    assert (result["n"], result["unreadable"]) == (11, 1)


def test_parquet_holds_the_originals_and_says_what_its_columns_are(
    photos: Review, tmp_path: Path
) -> None:
    press(photos, Action.SET, [0], label=1)
    exported(photos.project.path, tmp_path / "out.parquet", "parquet")
    table = pq.read_table(tmp_path / "out.parquet")
    first = table.to_pylist()[0]
    assert first["image"]["bytes"] == (tmp_path / "photos" / "=cmd" / "0.png").read_bytes()
    assert (first["label"], first["given"], first["status"]) == (1, 0, "changed")
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert features["label"] == {"names": ["=cmd", "cat", "größe"], "_type": "ClassLabel"}


def test_parquet_without_images_takes_any_pixels(tmp_path: Path) -> None:
    with closing(reviewed(npz_source(tmp_path / "f.npz", dtype="float32"))) as review:
        exported(review.project.path, tmp_path / "out.parquet", "parquet", files="list")
    table = pq.read_table(tmp_path / "out.parquet")
    assert (table.num_rows, "image" in table.column_names) == (24, False)


@pytest.mark.parametrize("as_format", ["h5", "npz", "csv", "folder", "parquet", "worklist"])
def test_a_disk_that_is_too_small_is_named_by_the_folder_that_was_asked_for(
    insects: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_format: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(ProjectError, match="the disk has 0 MB left") as refused:
        exported(insects.project.path, tmp_path / "out", as_format)
    assert refused.value.where == str(tmp_path)


def test_a_split_is_a_file(tmp_path: Path) -> None:
    with closing(open_review(sources.folder(tmp_path / "a", splits=("train", "test")))) as review:
        exported(review.project.path, tmp_path / "out", "parquet")
    assert files_in(tmp_path / "out") == [
        *("data/test-00000-of-00001.parquet", "data/train-00000-of-00001.parquet")
    ]


# -- predictions -----------------------------------------------------------------------------
def test_predictions_have_an_id_and_a_label(insects: Review, tmp_path: Path) -> None:
    press(insects, Action.EXCLUDE, [0])
    result = exported(insects.project.path, tmp_path / "out.csv", "predictions")
    rows = (tmp_path / "out.csv").read_text().splitlines()
    assert rows[:2] == ["id,label", "1,bee"]
    assert f"{WRONG},cat" in rows
    assert len(rows) == 1 + N_SAMPLES - 2  # without the excluded and the unscored one
    assert (result["run"], result["unreadable"]) == (1, 1)


def test_predictions_for_files_go_by_path(photos: Review, tmp_path: Path) -> None:
    add_run(photos.project.path)
    exported(photos.project.path, tmp_path / "out.csv", "predictions")
    rows = (tmp_path / "out.csv").read_text().splitlines()
    assert rows[:3] == ["id,label", "'=cmd/0.png,'=cmd", "'=cmd/1.png,cat"]


def test_predictions_for_files_go_by_path_though_something_is_undone_in_the_first(
    tmp_path: Path,
) -> None:
    photos = sources.folder(tmp_path / "photos", splits=("test", "train"), per_class=2)
    with closing(reviewed(photos.paths[0])) as review:
        keep_undoing(review.project, "test", {"name": "invert"})
        add_run(review.project.path)
        exported(review.project.path, tmp_path / "out.csv", "predictions")
    rows = (tmp_path / "out.csv").read_text().splitlines()
    assert rows[1].startswith("test/ant/")
    assert rows[-1].startswith("train/cat/")


def test_predictions_follow_a_sample(insects: Review, tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_text("ImageId;cat;ant;bee\n7;0;0;0\n4;0;0;0\n")
    exported(insects.project.path, tmp_path / "out.csv", "predictions", sample=str(sample))
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        *("ImageId;cat;ant;bee", "7;0.02;0.02;0.96", "4;0.96;0.02;0.02")
    ]


def test_a_sample_gets_the_names_of_classes_as_they_are(tmp_path: Path) -> None:
    labels = np.array(["=1", "-1", "+b"])[np.arange(N_SAMPLES) % 3]
    request = sources.npz(tmp_path / "a.npz", images=sources.images(N_SAMPLES), labels=labels)
    with closing(open_review(request)) as review:
        add_run(review.project.path)
        names = review.labelling.class_names
        (tmp_path / "sample.csv").write_text("id,label\n0,-1\n1,-1\n2,-1\n")
        asked = {"sample": str(tmp_path / "sample.csv")}
        exported(review.project.path, tmp_path / "out.csv", "predictions", **asked)
    rows = [f"{i},{name}" for i, name in enumerate(names)]
    assert (tmp_path / "out.csv").read_text().splitlines() == ["id,label", *rows]


def test_a_class_with_a_carriage_return_in_its_name_is_predicted(tmp_path: Path) -> None:
    labels = np.array(["ant", "wild\rcat", "cat\r"])[np.arange(N_SAMPLES) % 3]
    request = sources.npz(tmp_path / "a.npz", images=sources.images(N_SAMPLES), labels=labels)
    with closing(open_review(request)) as review:
        add_run(review.project.path)
        exported(review.project.path, tmp_path / "out.csv", "predictions")
        asked = {"sample": str(tmp_path / "out.csv")}
        exported(review.project.path, tmp_path / "again.csv", "predictions", **asked)
        names = review.labelling.class_names
    with open(tmp_path / "out.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[:4] == [["id", "label"], *([str(i), name] for i, name in enumerate(names))]
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "out.csv").read_bytes()


def test_a_class_that_went_into_one_added_since_is_predicted_as_that(
    insects: Review, tmp_path: Path
) -> None:
    press(insects, Action.SET, [2], label=3, added_class="insect")
    known = insects.labelling
    about = {"given": known.given, "labels": known.labels, "status": known.status}
    with insects.project.journal() as journal:
        merged = merge_classes([1], 3, **about, step=journal.next_step(), time_ns=2, reviewer=0)
        journal.append(merged)
    exported(insects.project.path, tmp_path / "out.csv", "predictions")
    assert (tmp_path / "out.csv").read_text().splitlines()[:3] == ["id,label", "0,ant", "1,insect"]


def test_an_export_opens_again_though_adding_a_class_was_undone(
    insects: Review, tmp_path: Path
) -> None:
    press(insects, Action.SET, [2], label=3, added_class="wasp")
    with insects.project.journal() as journal:
        (edit,) = history(journal.rows(), journal.notes(), insects.labelling.given)[0]
        journal.append(edit.inverse(journal.next_step(), 3))
    out = tmp_path / "out.h5"
    exported(insects.project.path, out, "h5")
    with closing(open_review(request_for([out]))) as again:
        assert again.labelling.class_names == ("ant", "bee", "cat")
        assert np.array_equal(again.labelling.labels, insects.labelling.given)


def test_an_image_without_a_prediction_is_named(insects: Review, tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_text(f"id,label\n1,ant\n{UNSCORED},ant\n")
    with pytest.raises(DatasetError, match=f"'{UNSCORED}' in row 3 .*without a prediction"):
        exported(insects.project.path, tmp_path / "out.csv", "predictions", sample=str(sample))
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("as_format", ["predictions", "worklist"])
def test_without_a_run_the_remedy_is_named(digits: Review, tmp_path: Path, as_format: str) -> None:
    with pytest.raises(ProjectError, match="winnow train"):
        exported(digits.project.path, tmp_path / "out", as_format)


# -- work lists ------------------------------------------------------------------------------
def test_a_work_list_comes_back_as_decisions(insects: Review, tmp_path: Path) -> None:
    press(insects, Action.KEEP, [0])
    exported(insects.project.path, tmp_path / "todo", "worklist", top=3)
    with open(tmp_path / "todo" / "worklist.csv", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["sample_id"] for row in rows] == [str(WRONG), "1", "2"]  # 0 is decided
    assert rows[0]["reasons"] == "looks like cat (96%)"
    rows[0] |= {"action": "set", "label": "ant", "reviewer": "Ada", "note": "has wings"}
    back = tmp_path / "back.csv"
    with open(back, "x", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, rows[0], delimiter=";", lineterminator="\r\n")
        table.writeheader()
        table.writerows(rows)
    insects.close()
    *_, done = labelling(insects.project.path, back)
    assert isinstance(done, Finished)
    assert done.result == {"applied": 1, "skipped": []}
    with closing(open_review(OpenRequest((str(insects.project.path),)))) as again:
        assert again.labelling.labels[WRONG] == 0
        assert again.labelling.status[WRONG] == Status.CHANGED


def test_the_command_of_the_page_can_be_copied(tmp_path: Path) -> None:
    request = sources.npz(
        tmp_path / "my photos.npz", images=sources.images(12), labels=sources.labels(12)
    )
    with closing(open_review(request)) as review:
        add_run(review.project.path)
        exported(review.project.path, tmp_path / "todo", "worklist")
    page = Page(tmp_path / "todo" / "worklist.html")
    assert f"winnow label '{review.project.path.name}' --from worklist.csv" in page.text


def test_images_that_were_replaced_beside_a_json_are_not_exported(tmp_path: Path) -> None:
    root = folder_source(tmp_path / "photos")
    names = sorted(str(path.relative_to(root)) for path in root.rglob("*.png"))
    images = [{"id": i, "file_name": name} for i, name in enumerate(names)]
    box = {"category_id": 1, "bbox": [0, 0, 3, 3]}
    things = [{"id": i, "image_id": i, **box} for i in range(len(names))]
    found = {"images": images, "annotations": things, "categories": [{"id": 1, "name": "ant"}]}
    (root / "labels.json").write_text(json.dumps(found))
    with closing(reviewed(root / "labels.json")) as review:
        exported(review.project.path, tmp_path / "out.h5", "h5")
        Image.new("RGB", (7, 5), "red").save(root / names[0])
        with pytest.raises(ProjectError, match="source has changed"):
            exported(review.project.path, tmp_path / "again.h5", "h5")


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_holds_its_pictures_and_runs_nothing(tmp_path: Path) -> None:
    names = np.array(["<script>alert(1)</script>", "'\"onerror=x", "=cmd"])
    request = sources.npz(
        tmp_path / "a.npz", images=sources.images(12), labels=names[np.arange(12) % 3]
    )
    with closing(open_review(request)) as review:
        add_run(review.project.path)
        exported(review.project.path, tmp_path / "todo", "worklist")
    page = Page(tmp_path / "todo" / "worklist.html")
    pictures = [attributes["src"] for tag, attributes in page.tags if tag == "img"]
    assert len(pictures) == 12
    assert all(str(source).startswith("data:image/png;base64,") for source in pictures)
    assert not [tag for tag, _ in page.tags if tag in ("script", "link", "iframe")]
    assert [found["href"] for tag, found in page.tags if tag == "a"] == ["#main"]
    assert not [a for _, a in page.tags for name in a if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text
    assert "'=cmd" in (tmp_path / "todo" / "worklist.csv").read_text()
