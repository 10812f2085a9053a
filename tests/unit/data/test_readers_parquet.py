"""Parquet files of encoded images, alone, in shards and as Hugging Face ships them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from models.data.readers import open_source
from models.data.readers.images import encoded_source, parquet_images
from models.errors import DatasetError, Undecided
from models.types import OpenRequest
from tests.helpers import sources
from tests.helpers.sources import opened

FILES = sources.encoded()
LABELS = sources.labels().tolist()
NAMED = [("ant", "bee", "cat")[label] for label in LABELS]


def parquet(
    path: Path,
    columns: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    **options: Any,
) -> OpenRequest:
    table = pa.table(columns or {"image": FILES, "label": LABELS})
    stated = {key: json.dumps(value) for key, value in (metadata or {}).items()}
    pq.write_table(table.replace_schema_metadata(stated), path, **options)
    return OpenRequest((str(path),))


def pixels_of(file: bytes) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(file)))


def refusal(request: OpenRequest) -> DatasetError:
    with pytest.raises(DatasetError) as refused:
        list(open_source(request))
    return refused.value


@pytest.mark.parametrize("group", [1, 5, 24])
def test_images_and_labels_of_a_file(tmp_path, group):
    with opened(parquet(tmp_path / "d.parquet", row_group_size=group)) as source:
        assert source.info.kind == "parquet"
        assert source.info.name == "d"
        assert source.info.image_shape == (8, 8, 3)
        assert source.given.tolist() == LABELS
        for i in np.random.default_rng(0).permutation(24).tolist():
            assert np.array_equal(source.read(i), pixels_of(FILES[i]))
            assert source.original(i) == FILES[i]
            assert source.path(i) == f"d.parquet[{i}]"


def test_shards_and_splits_by_their_names(tmp_path):
    for name, rows in (
        ("test-00000-of-00001", slice(0, 4)),
        ("train-00001-of-00002", slice(14, 24)),
        ("train-00000-of-00002", slice(4, 14)),
        ("validation-00000-of-00001", slice(0, 2)),
    ):
        (tmp_path / "d" / "data").mkdir(parents=True, exist_ok=True)
        parquet(
            tmp_path / "d" / "data" / f"{name}.parquet",
            {"image": FILES[rows], "label": LABELS[rows]},
        )
    (tmp_path / "d" / "README.md").write_text("a card")
    with opened(OpenRequest((str(tmp_path / "d"),))) as source:
        assert source.info.name == "d"
        assert source.info.splits == {"train": 20, "val": 2, "test": 4}
        assert list(source.info.splits) == ["train", "val", "test"]
        assert source.original(0) == FILES[4]
        assert source.original(19) == FILES[23]
        assert source.path(12) == "train-00001-of-00002.parquet[2]"
        assert source.given[:20].tolist() == LABELS[4:24]


def test_hugging_face_structs_names_and_classes(tmp_path):
    images = [{"bytes": file, "path": f"{i}.png"} for i, file in enumerate(FILES)]
    feature = {"names": ["cat", "ant", "bee"], "_type": "ClassLabel"}
    features = {"picture": {"_type": "Image"}, "kind": feature}
    request = parquet(
        tmp_path / "d.parquet",
        {"kind": LABELS, "picture": images, "fold": LABELS},
        {"huggingface": {"info": {"features": features}}},
        row_group_size=7,
    )
    with opened(request) as source:
        assert source.info.class_names == ("cat", "ant", "bee")
        assert source.given.tolist() == LABELS
        assert source.path(9) == "9.png"
        assert source.original(9) == FILES[9]


def test_what_the_datasets_library_writes(tmp_path):
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    features = datasets.Features(
        {"image": datasets.Image(), "label": datasets.ClassLabel(names=["a", "b", "c"])}
    )
    rows = {"image": [{"bytes": file, "path": None} for file in FILES], "label": LABELS}
    path = tmp_path / "test-00000-of-00001.parquet"
    datasets.Dataset.from_dict(rows, features=features).to_parquet(path)
    with opened(OpenRequest((str(path),))) as source:
        assert source.info.class_names == ("a", "b", "c")
        assert source.info.splits == {"test": 24}
        assert np.array_equal(source.read(20), pixels_of(FILES[20]))


@pytest.mark.parametrize(
    ("column", "names"),
    [
        (pa.array(NAMED), ("ant", "bee", "cat")),
        (pa.array(NAMED).dictionary_encode(), ("ant", "bee", "cat")),
        (pa.array(NAMED).cast(pa.binary()), ("ant", "bee", "cat")),
        (pa.array(LABELS, pa.uint8()), ("0", "1", "2")),
        (pa.array(LABELS, pa.float32()), ("0", "1", "2")),
    ],
)
def test_kinds_of_labels(tmp_path, column, names):
    with opened(parquet(tmp_path / "d.parquet", {"image": FILES, "label": column})) as source:
        assert source.info.class_names == names
        assert source.given.tolist() == LABELS


@pytest.mark.parametrize("values", [[0, None, 1], ["x", None, "y"], [0.0, None, 1.0]])
def test_missing_labels_are_unlabelled(tmp_path, values):
    request = parquet(tmp_path / "d.parquet", {"image": FILES[:3], "label": values})
    with opened(request) as source:
        assert source.given.tolist() == [0, -1, 1]
        assert source.info.warnings == ()


def test_plain_names_of_classes_in_the_metadata(tmp_path):
    request = parquet(tmp_path / "d.parquet", metadata={"label_names": ["x", "y", "z"]})
    with opened(request) as source:
        assert source.info.class_names == ("x", "y", "z")


@pytest.mark.parametrize("stated", [b"{", b"[1]", b'{"info": 3}', b'{"info": {"features": [2]}}'])
def test_odd_metadata_is_passed_over(tmp_path, stated):
    table = pa.table({"image": FILES, "label": LABELS})
    meta = {b"huggingface": stated, b"label_names": stated}
    pq.write_table(table.replace_schema_metadata(meta), tmp_path / "d.parquet")
    with opened(OpenRequest((str(tmp_path / "d.parquet"),))) as source:
        assert source.info.n == 24


def test_a_missing_image_is_unreadable_and_the_others_are_not(tmp_path):
    files = [*FILES[:5], None, b"no image", *FILES[7:]]
    with opened(parquet(tmp_path / "d.parquet", {"image": files, "label": LABELS})) as source:
        assert source.info.unreadable == 2
        with pytest.raises(DatasetError, match=r"d.parquet\[5\]: has no image in the file"):
            source.read(5)
        assert np.array_equal(source.read(7), pixels_of(FILES[7]))


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()])
def test_row_groups_too_large_for_memory_are_unpacked(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(parquet_images, "_LARGE_GROUP_BYTES", 2000)
    monkeypatch.setattr(parquet_images, "_BATCH_BYTES", 600)
    files = pa.array([*FILES[:7], None, *FILES[8:]], kind)
    request = parquet(tmp_path / "d.parquet", {"image": files, "label": LABELS}, row_group_size=20)
    steps = list(open_source(request))
    assert "unpacking images" in {step.doing for step in steps[:-1]}
    with opened(request) as source:
        for i in (23, 6, 19, 0, 8):
            assert source.original(i) == FILES[i]
        with pytest.raises(DatasetError, match="has no image in the file"):
            source.read(7)
    steps[-1].close()


def test_memory_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_images, "_LOADED_BYTES", 3000)
    monkeypatch.setattr(parquet_images, "_OPEN_FILES", 2)
    for i in range(4):
        rows = slice(6 * i, 6 * i + 6)
        parquet(
            tmp_path / f"{i}.parquet",
            {"image": FILES[rows], "label": LABELS[rows]},
            row_group_size=3,
        )
    with opened(OpenRequest(tuple(str(tmp_path / f"{i}.parquet") for i in range(4)))) as source:
        for i in (0, 23, 11, 12, 1, 22):
            assert source.original(i) == FILES[i]
        images = source._images  # type: ignore[attr-defined]
        assert sum(group.n_bytes for group in images._loaded.values()) <= 3000
        assert len(images._open) == 2


def test_of_many_row_groups_only_some_are_checked(tmp_path, monkeypatch):
    monkeypatch.setattr(encoded_source, "_CHECK_ALL", 5)
    monkeypatch.setattr(encoded_source, "_CHECK_SOME", 8)
    monkeypatch.setattr(parquet_images, "_CHECKED_GROUPS", 4)
    with opened(parquet(tmp_path / "d.parquet", row_group_size=3)) as source:
        images = source._images  # type: ignore[attr-defined]
        touched = {int(images._group_of(position)) for position in images.spread(8)}
        assert len(touched) == 4
        assert source.info.n == 24


def test_a_table_of_labels_is_told_from_a_dataset(tmp_path):
    said = str(refusal(parquet(tmp_path / "d.parquet", {"path": ["a.png"], "label": [1]})))
    assert "is a table without images" in said
    assert "put it into that folder" in said


def test_labels_beside_a_folder_of_images_are_left_to_the_folder(tmp_path):
    request = sources.folder(tmp_path / "d")
    parquet(tmp_path / "d" / "labels.parquet", {"path": ["ant/000.png"], "label": ["x"]})
    *_, source = open_source(request)
    assert source.info.kind == "folder"
    source.close()


def test_flattened_pixels_and_other_bytes_are_refused_in_words(tmp_path):
    lists = pa.array([[1, 2], [3, 4]], pa.list_(pa.uint8(), 2))
    said = refusal(parquet(tmp_path / "a.parquet", {"image": lists, "label": [0, 1]}))
    assert said.what == "has no column of image files; “image” holds lists"
    said = refusal(parquet(tmp_path / "b.parquet", {"image": [b"abc"], "label": [0]}))
    assert said.what == "has bytes in column “image” that are no image files"


def test_several_columns_that_could_be_meant(tmp_path):
    columns = {"fine": FILES, "coarse": FILES, "a_label": LABELS, "b_label": LABELS}
    parquet(tmp_path / "d.parquet", columns)
    path = str(tmp_path / "d.parquet")
    said = refusal(OpenRequest((path,)))
    assert isinstance(said, Undecided)
    assert [array["name"] for array in said.arrays] == ["fine", "coarse"]
    said = refusal(OpenRequest((path,), images="coarse"))
    assert isinstance(said, Undecided)
    assert [array["role"] for array in said.arrays] == ["labels", "labels"]
    with opened(OpenRequest((path,), images="coarse", labels="b_label")) as source:
        assert source.given.tolist() == LABELS
    assert "has no column of images called" in refusal(OpenRequest((path,), images="x")).what
    assert "has no column “x”" in refusal(OpenRequest((path,), images="fine", labels="x")).what


@pytest.mark.parametrize("as_column", [pa.array, lambda words: pa.array(words).dictionary_encode()])
def test_images_that_a_column_calls_test_are_not_of_train(tmp_path, as_column):
    words = as_column(["train", "test", "train", None] * 6)
    columns = {"image": FILES, "label": LABELS, "Split": words}
    with opened(parquet(tmp_path / "d.parquet", columns)) as source:
        assert source.info.splits == {"train": 12, "test": 6, "other": 6}
        assert source.info.split_names_of(np.arange(4)) == ["train", "test", "train", "other"]
        assert source.given.tolist() == LABELS
        assert np.array_equal(source.read(1), pixels_of(FILES[1]))


def test_classes_that_the_metadata_calls_splits_are_splits(tmp_path):
    declared = {"_type": "ClassLabel", "names": ["train", "test"]}
    columns = {"image": FILES, "split": [0] * 20 + [1] * 4}
    told = {"huggingface": {"info": {"features": {"split": declared}}}}
    with opened(parquet(tmp_path / "d.parquet", columns, told)) as source:
        assert source.info.splits == {"train": 20, "test": 4}
        assert source.info.class_names == ()


def test_a_split_of_which_all_images_are_parts_nothing(tmp_path):
    columns = {"image": FILES, "label": LABELS, "split": ["all"] * 24}
    with opened(parquet(tmp_path / "d.parquet", columns)) as source:
        assert source.info.splits == {"all": 24}
        assert source.info.class_names == ("0", "1", "2")
        assert source.info.warnings == ()


def test_a_column_of_splits_that_cannot_be_understood_is_told(tmp_path):
    columns = {"image": FILES, "label": LABELS, "split": LABELS}
    with opened(parquet(tmp_path / "d.parquet", columns)) as source:
        assert source.info.splits == {"all": 24}
        (warning,) = source.info.warnings
        assert warning.startswith("“split” holds other values than train, val and test")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("caption", [f"a cat, number {i}" for i in range(24)]),
        ("width", [500 + i % 3 for i in range(24)]),
        ("score", [i % 3 / 2 for i in range(24)]),
        ("mask", FILES),
        ("from", ["the web"] * 24),
    ],
)
def test_a_column_beside_the_images_that_holds_no_classes_is_no_label(tmp_path, name, values):
    request = parquet(tmp_path / "d.parquet", {"image": FILES, name: values})
    with opened(request) as source:
        assert source.info.labelled == 0
        assert source.info.sentence.endswith("no labels.")
        (warning,) = source.info.warnings
        assert warning.startswith("No column is called a label or looks like one")
        assert f"“{name}”" in warning


def test_the_only_column_that_holds_classes_is_the_label_whatever_it_is_called(tmp_path):
    widths, breeds = [500 + i for i in range(24)], pa.array(NAMED)
    columns = {"image": FILES, "width": widths, "breed": breeds}
    with opened(parquet(tmp_path / "d.parquet", columns)) as source:
        assert source.info.class_names == ("ant", "bee", "cat")
        assert source.info.warnings == ()


def test_several_labels_an_image_are_refused(tmp_path):
    request = parquet(tmp_path / "d.parquet", {"image": FILES[:2], "labels": [[0], [1, 2]]})
    assert "has no labels in column “labels”" in refusal(request).what


def test_files_of_different_datasets_are_refused(tmp_path):
    a = parquet(tmp_path / "a.parquet")
    b = parquet(tmp_path / "b.parquet", {"image": FILES, "kind": LABELS})
    assert "has other columns than" in refusal(OpenRequest((*a.paths, *b.paths))).what


def test_links_out_of_the_folder_are_refused(tmp_path):
    parquet(tmp_path / "a.parquet")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.parquet").symlink_to(tmp_path / "a.parquet")
    refused = refusal(OpenRequest((str(tmp_path / "d"),)))
    assert refused.what == "is a link that leads out of the folder"


def hugging_face(path: Path, names: list[str] | None) -> str:
    """Images labelled 0, 1, 2 in turn; the metadata names these classes."""
    features = {"label": {"names": names, "_type": "ClassLabel"}} if names else {}
    parquet(path, None, {"huggingface": {"info": {"features": features}}})
    return str(path)


def test_splits_that_number_their_classes_differently_are_joined_by_name(tmp_path):
    train = hugging_face(tmp_path / "train.parquet", ["cat", "dog", "ant"])
    test = hugging_face(tmp_path / "test.parquet", ["dog", "cat", "bee"])
    with opened(OpenRequest((train, test))) as source:
        assert source.info.class_names == ("cat", "dog", "ant", "bee")
        assert source.given[:3].tolist() == [0, 1, 2]
        assert source.given[24:27].tolist() == [1, 0, 3]
        assert f"{train} and {test} number their classes differently" in source.info.warnings[0]
    mute = hugging_face(tmp_path / "val.parquet", None)
    assert f"{mute} does not say" in refusal(OpenRequest((train, test, mute))).what
    with opened(OpenRequest((train, mute))) as source:
        assert source.info.class_names == ("cat", "dog", "ant")


def test_two_classes_of_one_name_in_the_metadata(tmp_path):
    path = hugging_face(tmp_path / "d.parquet", ["crane", "ant", "crane"])
    with opened(OpenRequest((path,))) as source:
        assert source.info.class_names == ("crane", "ant", "crane (2)")


_WHOLE: list[bytes] = []


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_damage_is_an_error_in_words_or_harmless(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("x") / "d.parquet"
    if not _WHOLE:
        parquet(path, row_group_size=8)
        _WHOLE.append(path.read_bytes())
    content = bytearray(_WHOLE[0])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(len(content) - 200, len(content)))])
    try:
        with opened(OpenRequest((str(path),))) as source:
            for i in range(min(source.info.n, 24)):
                try:
                    source.read(i)
                except DatasetError:
                    continue
    except (DatasetError, MemoryError):
        pass
