"""Tables of labels beside image files: which columns, which files, what does not fit."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from models.data.readers.images.file_labels import FileLabels, as_column, file_labels
from models.errors import DatasetError, Undecided
from models.types import UNLABELLED, OpenRequest
from tests.helpers.sources import opened

FILES = [f"{i:03}.png" for i in range(6)]
LABELS = ["bee", "ant", "cat", "ant", "bee", "cat"]
ROWS = list(zip(FILES, LABELS, strict=True))


def lines(rows, *header, sep=","):
    return "\n".join(sep.join(map(str, row)) for row in ([header] if header else []) + rows) + "\n"


def make(root, tables, files=FILES):
    """A folder of tiny images and of tables, given as text or bytes by name."""
    for place, name in enumerate(files):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), place).save(root / name)
    for name, content in tables.items():
        data = content.encode() if isinstance(content, str) else content
        (root / name).write_bytes(data)
    return root


def labels_of(root, **answers):
    """{path: class name or None}, splits and all warnings as one text."""
    with opened(OpenRequest((os.fspath(root),), **answers)) as source:
        names = [*source.info.class_names, None]
        ids = np.arange(source.info.n)
        return (
            {source.path(i): names[source.given[i]] for i in ids},
            dict(zip(map(source.path, ids), source.info.split_names_of(ids), strict=True)),
            " ".join([source.info.sentence, *source.info.warnings]),
        )


def simple(root, content, name="labels.csv", **answers):
    return labels_of(make(root, {name: content}), **answers)[0]


# -- which columns ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.csv", lines(ROWS, "file", "label")),
        ("labels.csv", lines([(b, a) for a, b in ROWS], "class_name", "image")),
        ("labels.csv", lines(ROWS)),
        ("labels.csv", lines([(f[:-4], k) for f, k in ROWS], "id", "breed")),
        ("labels.csv", lines([(f"images\\{f}", k) for f, k in ROWS], "path", "y")),
        ("labels.csv", lines([(f"./{f}", k) for f, k in ROWS], "path", "y")),
        ("labels.csv", lines([(f"/home/me/{f}", k) for f, k in ROWS], "path", "y")),
        ("labels.csv", "\ufeff" + lines(ROWS, "file", "label")),
        ("labels.csv", lines(ROWS, "file", "label").replace("\n", "\r\n")),
        ("labels.csv", lines(ROWS, "file", "label", sep=";")),
        ("list.tsv", lines(ROWS, "file", "label", sep="\t")),
        ("excel.csv", "sep=;\r\n" + lines(ROWS, "file", "label", sep=";")),
        ("excel.csv", "\ufeffsep=;\n" + lines(ROWS, sep=";")),
        ("excel.csv", lines(ROWS, '"file, as it is called, there"', '"label, or class"', sep=";")),
        ("labels.csv", lines([(i, *row) for i, row in enumerate(ROWS)], "", "file", "label")),
        ("labels.csv", lines([(*row, 3, 7) for row in ROWS], "file", "label", "width", "x")),
        ("labels.csv", lines(ROWS, "file", "label").encode("utf-16")),
        (
            "labels.csv",
            lines(
                [(f, *(int(k == c) for c in ("ant", "bee", "cat"))) for f, k in ROWS],
                "image",
                "ant",
                "bee",
                "cat",
            ),
        ),
    ],
)
def test_file_and_label_columns_are_found(tmp_path, name, content):
    assert simple(tmp_path, content, name) == dict(ROWS)


@pytest.mark.parametrize("mark", ["\u2028", "\x85", "\v", "\f", '"\n"'])
def test_a_text_that_breaks_its_line_does_not_cut_the_row(tmp_path, mark):
    rows = [(f, f"seen{mark}twice" if '"' not in mark else '"seen\ntwice"', k) for f, k in ROWS]
    assert simple(tmp_path, lines(rows, "file", "remark", "label")) == dict(ROWS)


def test_a_parquet_table(tmp_path):
    table = pa.table({"n": pa.array(range(6)), "file": FILES, "label": LABELS, "f": [0.5] * 6})
    make(tmp_path, {})
    pq.write_table(table, tmp_path / "labels.parquet")
    found, _, said = labels_of(tmp_path)
    assert found == dict(ROWS)
    assert "3 classes from column “label” of labels.parquet" in said


def test_whole_numbers_of_a_parquet_table_stay_labels_where_one_is_missing(tmp_path):
    codes = [0.0, 1.0, None, 1.0, float("nan"), 2.0]
    ages = [30, 40, 30, 40, 30, 40]
    make(tmp_path, {})
    table = pa.table({"file": FILES, "label": codes, "age": ages})
    pq.write_table(table, tmp_path / "labels.parquet")
    assert list(labels_of(tmp_path)[0].values()) == ["0", "1", None, "1", None, "2"]


@pytest.mark.parametrize("title", ["", "index", "Unnamed: 0"])
@pytest.mark.parametrize("n_rows", [12, 8])
def test_a_column_that_counts_the_rows_does_not_name_the_images(tmp_path, title, n_rows):
    files = [f"{i}.png" for i in range(12)]
    shuffled = [7, 3, 11, 0, 5, 9, 1, 10, 2, 8, 4, 6][:n_rows]
    given = {f"{i}.png": "ab"[i % 2] for i in shuffled}
    rows = [(row, i, given[f"{i}.png"]) for row, i in enumerate(shuffled)]
    make(tmp_path, {"labels.csv": lines(rows, title, "image_id", "label")}, files)
    assert labels_of(tmp_path)[0] == dict.fromkeys(files) | given


@pytest.mark.parametrize("title", ["", "index", "Unnamed: 0"])
@pytest.mark.parametrize("other", ["age", "width"])
def test_ages_that_are_also_numbers_of_images_do_not_name_them(tmp_path, title, other):
    files, ages = [f"{i}.png" for i in range(12)], [3, 7, 7, 0, 11, 9, 3, 8, 2, 5, 5, 10]
    rows = [(i, age, "ab"[i // 6]) for i, age in enumerate(ages)]
    make(tmp_path, {"labels.csv": lines(rows, title, other, "label")}, files)
    assert labels_of(tmp_path)[0] == {f"{i}.png": "ab"[i // 6] for i in range(12)}


def test_ids_of_classes_do_not_name_the_images(tmp_path):
    files = [f"{i}.png" for i in range(12)]
    rows = [(i // 2, i, "ab"[i // 6]) for i in range(12)]
    make(tmp_path, {"labels.csv": lines(rows, "id", "number", "label")}, files)
    assert labels_of(tmp_path)[0] == {f"{i}.png": "ab"[i // 6] for i in range(12)}


def test_digits_before_the_numbers_of_images_are_still_labels(tmp_path):
    files, digits = [f"{i}.png" for i in range(10)], [3, 1, 4, 0, 5, 9, 2, 6, 8, 7]
    rows = [(digit, i) for i, digit in enumerate(digits)]
    make(tmp_path, {"labels.csv": lines(rows, "label", "id")}, files)
    assert list(labels_of(tmp_path)[0].values()) == list(map(str, digits))


def test_a_parquet_table_with_two_columns_of_one_name(tmp_path):
    columns = [FILES, [0.5] * 6, LABELS, LABELS[::-1]]
    make(tmp_path, {})
    pq.write_table(
        pa.table(list(map(pa.array, columns)), ["file", "label", "label", "label"]),
        tmp_path / "labels.parquet",
    )
    assert labels_of(tmp_path)[0] == dict(ROWS)


def test_blanks_in_a_list_of_classes_are_no_part_of_the_names(tmp_path):
    make(tmp_path, {"labels.csv": lines(ROWS, "file", "label"), "classes.txt": "cat \n\tbee\nant"})
    found, _, said = labels_of(tmp_path)
    assert found == dict(ROWS)
    assert "name none of" not in said


def test_integer_labels_are_classes_by_number_and_may_have_names(tmp_path):
    content = lines([(f, i % 3) for i, f in enumerate(FILES)], "file", "label")
    assert list(simple(tmp_path, content).values()) == ["0", "1", "2"] * 2
    (tmp_path / "classes.txt").write_text("zebra\nyak\nox\n")
    assert list(labels_of(tmp_path)[0].values()) == ["zebra", "yak", "ox"] * 2


def test_a_person_may_name_the_column_or_the_table(tmp_path):
    rows = [(f, k, i % 2) for i, (f, k) in enumerate(ROWS)]
    make(tmp_path, {"a.csv": lines(rows, "file", "label", "wing"), "b.csv": lines(ROWS, "f", "y")})
    assert set(labels_of(tmp_path, labels="wing")[0].values()) == {"0", "1"}
    assert labels_of(tmp_path, labels="b.csv")[0] == dict(ROWS)
    with pytest.raises(Undecided, match=r"several tables with labels: a\.csv, b\.csv") as asked:
        labels_of(tmp_path)
    assert [array["name"] for array in asked.value.arrays] == ["a.csv", "b.csv"]
    with pytest.raises(DatasetError, match="no table with labels called “beak”"):
        labels_of(tmp_path, labels="beak")


def test_several_possible_label_columns_are_asked_about(tmp_path):
    content = lines([(f, k, i % 2) for i, (f, k) in enumerate(ROWS)], "file", "kind", "wing")
    with pytest.raises(Undecided, match="“kind”, “wing”") as asked:
        simple(tmp_path, content)
    assert [array["name"] for array in asked.value.arrays] == ["kind", "wing"]


def test_folders_that_name_classes_come_before_tables_unless_a_column_is_named(tmp_path):
    files = [f"{'ab'[i % 2]}/{name}" for i, name in enumerate(FILES)]
    make(tmp_path, {"labels.csv": lines(ROWS, "file", "label")}, files)
    found, _, said = labels_of(tmp_path)
    assert set(found.values()) == {"a", "b"}
    assert "Not used, as the folders name the classes: labels.csv" in said
    assert list(labels_of(tmp_path, labels="label")[0].values()) == [
        "bee",
        "cat",
        "bee",
        "ant",
        "ant",
        "cat",
    ]


def test_a_table_about_something_else_is_said_not_to_be_used(tmp_path):
    found, _, said = labels_of(make(tmp_path, {"prices.csv": "what,price\nmilk,1\nbread,2\n"}))
    assert set(found.values()) == {None}
    assert "prices.csv names none of the images" in said


def test_a_sample_submission_holds_no_labels(tmp_path):
    rows = [(f, 0) for f in FILES]
    assert set(simple(tmp_path, lines(rows, "id", "label"), "sample_submission.csv").values()) == {
        None
    }


# -- splits -----------------------------------------------------------------------------
def test_a_split_column(tmp_path):
    rows = [(*row, ["train", "valid", "TEST"][i % 3]) for i, row in enumerate(ROWS)]
    make(tmp_path, {"labels.csv": lines(rows, "file", "label", "data set")})
    found, splits, _ = labels_of(tmp_path)
    assert found == dict(ROWS)
    assert [splits[name] for name in FILES] == ["train", "val", "test"] * 2


@pytest.mark.parametrize("title", ["phase", "set", "subset"])
def test_a_column_that_is_only_called_like_a_split_is_the_label(tmp_path, title):
    rows = [(f, ["G1", "S", "G2M"][i % 3]) for i, f in enumerate(FILES)]
    make(tmp_path, {"labels.csv": lines(rows, "file", title)})
    for asked in ("", title):
        found, splits, _ = labels_of(tmp_path, labels=asked)
        assert found == dict(rows)
        assert set(splits.values()) == {"all"}


def test_a_column_of_splits_is_a_label_only_if_it_is_asked_for(tmp_path):
    rows = [(f, ["train", "test"][i % 2]) for i, f in enumerate(FILES)]
    make(tmp_path, {"labels.csv": lines(rows, "file", "split")})
    assert set(labels_of(tmp_path)[0].values()) == {None}
    assert labels_of(tmp_path, labels="split")[0] == dict(rows)


def test_a_table_for_each_split(tmp_path):
    tables = {"train.csv": lines(ROWS[:3], "f", "y"), "test.csv": lines(ROWS[3:], "f", "y")}
    found, splits, said = labels_of(make(tmp_path, tables))
    assert found == dict(ROWS)
    assert [splits[name] for name in FILES] == ["train"] * 3 + ["test"] * 3
    assert "of test.csv and train.csv" in said


def test_a_table_in_each_split_folder(tmp_path):
    files = [f"{split}/{name}" for split in ("train", "test") for name in FILES[:3]]
    table = lines(ROWS[:3], "file_name", "label")
    (tmp_path / "train").mkdir()
    (tmp_path / "test").mkdir()
    make(tmp_path, {f"{split}/metadata.csv": table for split in ("train", "test")}, files)
    found, splits, _ = labels_of(tmp_path)
    assert found == {f"{split}/{f}": k for split in ("train", "test") for f, k in ROWS[:3]}
    assert splits["test/000.png"] == "test"


def test_a_table_named_like_a_split_speaks_of_that_folder(tmp_path):
    files = [f"{split}/{i}.png" for split in ("train", "test") for i in range(3)]
    make(
        tmp_path,
        {"trainLabels.csv": lines([(i, "xyz"[i]) for i in range(3)], "id", "label")},
        files,
    )
    found, _, said = labels_of(tmp_path)
    assert [found[f"train/{i}.png"] for i in range(3)] == ["x", "y", "z"]
    assert [found[f"test/{i}.png"] for i in range(3)] == [None] * 3
    assert "3 images have no row in trainLabels.csv" in said


# -- what does not fit ------------------------------------------------------------------
def test_rows_and_files_that_do_not_meet_are_counted(tmp_path):
    rows = [*ROWS[:5], ("gone.png", "ant"), (FILES[0], "bee"), (FILES[1], "cat")]
    found, _, said = labels_of(make(tmp_path, {"labels.csv": lines(rows, "file", "label")}))
    assert found == {**dict(ROWS[:5]), FILES[5]: None}
    assert "1 row of labels.csv names no image that is there (for example “gone.png”)" in said
    assert "1 image has no row in labels.csv and counts as unlabelled" in said
    assert "2 images have several rows in labels.csv, 1 of them with different labels" in said


def test_names_that_fit_several_images_are_left_out(tmp_path):
    files = ["x/a.png", "y/a.png", *FILES]
    rows = [("a.png", "bee"), *ROWS]
    found, _, said = labels_of(
        make(tmp_path, {"l.csv": lines(rows, "f", "label")}, files), labels="label"
    )
    assert found["x/a.png"] is None
    assert "1 row of l.csv fits several images" in said


def test_text_that_is_not_utf8_is_asked_about(tmp_path):
    content = lines([(f, k.replace("ant", "Ämse")) for f, k in ROWS], "file", "label")
    make(tmp_path, {"labels.csv": content.encode("cp1252")})
    with pytest.raises(Undecided, match=r"labels\.csv: is not UTF-8 text\. Say which encoding"):
        labels_of(tmp_path)
    assert set(labels_of(tmp_path, encoding="cp1252")[0].values()) == {"Ämse", "bee", "cat"}
    with pytest.raises(DatasetError, match="no encoding called klingon"):
        labels_of(tmp_path, encoding="klingon")


def test_a_damaged_parquet_table_is_refused_in_words(tmp_path):
    with pytest.raises(DatasetError, match="Parquet"):
        labels_of(make(tmp_path, {"labels.parquet": b"PAR1 and then nothing"}))


def test_composed_and_decomposed_letters_are_the_same_name(tmp_path):
    files = ["e\u0301.png", "n\u0303.png"]
    content = lines([("\u00e9.png", "a"), ("\u00f1.png", "b")], "f", "y")
    assert list(labels_of(make(tmp_path, {"l.csv": content}, files))[0].values()) == ["a", "b"]


def test_labels_are_numbers_only_if_all_are():
    assert np.array_equal(as_column(["1", "", "-1", "2.0"]), [1, np.nan, -1, 2], equal_nan=True)
    assert as_column(["007", "1"]).tolist() == ["007", "1"]


def test_an_empty_cell_beside_ones_is_no_class():
    found = FileLabels(["1", "", None, "1"], [""] * 4, "", "label", ()).coded((), "d")
    assert found.class_names == ("0", "1")
    assert found.codes.tolist() == [1, UNLABELLED, UNLABELLED, 1]
    assert "1 label is empty or NaN" in found.warnings[0]


CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=8))
def test_any_table_is_read_or_refused_in_words(tmp_path_factory, rows):
    root = tmp_path_factory.mktemp("t")
    (root / "labels.csv").write_text(lines(rows), encoding="utf-8")
    try:
        found, _ = file_labels(str(root), ["labels.csv"], FILES, [""] * 6, OpenRequest(("",)))
    except DatasetError:
        return
    assert found is None or len(found.labels) == 6
