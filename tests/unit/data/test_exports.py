"""What each format writes, leaves out, refuses, and says in its manifest."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from models import opening
from models.data.fingerprint import content_hash
from models.data.rematch import stored_hashes
from models.data.writers import folder_export
from models.errors import DatasetError, ProjectError
from models.labelling import labelling
from models.opening import Review, open_review
from models.review.decisions import Action, Status, merge_classes
from models.splitting import NewSplit, SplitWish, keep_split
from models.types import Finished, OpenRequest, SplitAssignment
from tests.helpers import sources
from tests.helpers.datasets import folder_source, npz_source
from tests.helpers.local import LocalReader, exported, press
from tests.helpers.projects import N_SAMPLES, UNSCORED, WRONG, add_run, small_npz


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "ReaderClient", LocalReader)


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


def test_predictions_follow_a_sample(insects: Review, tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_text("ImageId;cat;ant;bee\n7;0;0;0\n4;0;0;0\n")
    exported(insects.project.path, tmp_path / "out.csv", "predictions", sample=str(sample))
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        *("ImageId;cat;ant;bee", "7;0.02;0.02;0.96", "4;0.96;0.02;0.02")
    ]


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
