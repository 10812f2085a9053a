"""Tables of pixels: as the competitions ship them, and with everything that goes wrong."""

from __future__ import annotations

import gzip
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.data.readers.arrays import pixel_csv
from models.errors import DatasetError
from models.types import UNLABELLED, OpenRequest
from tests.helpers.sources import images, labels, opened

PIXELS = images().reshape(24, 64)
HEADER = ["label", *(f"pixel{i}" for i in range(64))]
quickly = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def table(*columns: np.ndarray, header: list[str] | None = None, delimiter: str = ",") -> str:
    rows = np.column_stack([column.astype(str) for column in columns])
    lines = [delimiter.join(row) for row in rows]
    titles = [delimiter.join(header)] if header else []
    return "\n".join(titles + lines) + "\n"


def write(path: Path, text: str, encoding: str = "utf-8") -> OpenRequest:
    path.write_bytes(text.encode(encoding))
    return OpenRequest((str(path),))


def read(request: OpenRequest) -> dict[str, np.ndarray]:
    """Every array in the table."""
    with ExitStack() as kept, ExitStack() as opening:
        found = list(pixel_csv.arrays(request.paths[0], kept, opening, request))
        return {a.name: a.rows(0, a.shape[0]) for a in found if hasattr(a, "rows")}


@pytest.mark.parametrize(
    ("name", "delimiter"), [("train.csv", ","), ("a.tsv", "\t"), ("b.txt", " "), ("c.csv", ";")]
)
@pytest.mark.parametrize("header", [HEADER, None])
def test_a_label_and_64_pixels(tmp_path, name, delimiter, header):
    text = table(labels(), PIXELS, header=header, delimiter=delimiter)
    with opened(write(tmp_path / name, text)) as source:
        assert source.info.image_shape == (8, 8, 1)
        assert np.array_equal(source.given, labels())
        assert np.array_equal(source.stack(np.arange(24)), images()[..., None])


def test_a_packed_table_without_labels(tmp_path):
    path = tmp_path / "test.csv.gz"
    path.write_bytes(gzip.compress(table(PIXELS, header=HEADER[1:]).encode()))
    with opened(OpenRequest((str(path),))) as source:
        assert (source.given == UNLABELLED).all()
        assert np.array_equal(source.read(5)[..., 0], images()[5])


def test_both_files_of_a_competition(tmp_path):
    train = write(tmp_path / "train.csv", table(labels(), PIXELS, header=HEADER))
    test = write(tmp_path / "test.csv", table(PIXELS[:6], header=HEADER[1:]))
    with opened(OpenRequest(train.paths + test.paths)) as source:
        assert source.info.splits == {"train": 24, "test": 6}
        assert (source.info.labelled, source.info.unlabelled) == (24, 6)


@pytest.mark.parametrize("header", [[*HEADER[1:], "class"], None])
def test_the_label_may_come_last(tmp_path, header):
    pixels = PIXELS.copy()
    pixels[:, 0] = 0  # a corner of the background
    found = read(write(tmp_path / "a.csv", table(pixels, labels(), header=header)))
    assert np.array_equal(found["images"], pixels)
    assert np.array_equal(found["class" if header else "labels"], labels())


def test_the_label_comes_last_also_where_the_corner_is_no_background(tmp_path):
    found = read(write(tmp_path / "a.csv", table(PIXELS, labels())))
    assert np.array_equal(found["images"], PIXELS)
    assert np.array_equal(found["labels"], labels())


def test_the_label_comes_last_also_where_the_corner_is_the_brightest(tmp_path):
    pixels = PIXELS // 2
    pixels[:, 0] *= 2
    found = read(write(tmp_path / "a.csv", table(pixels, labels())))
    assert np.array_equal(found["labels"], labels())


def test_many_classes_come_first_also_where_the_last_pixel_has_few_values(tmp_path):
    pixels = np.tile(PIXELS, (10, 1))
    pixels[:, -1] = np.arange(240) % 5  # nearly background
    classes = (np.arange(240) * 577) % 600
    found = read(write(tmp_path / "a.csv", table(classes, pixels)))
    assert np.array_equal(found["labels"], classes)
    assert np.array_equal(found["images"], pixels)


def test_colour_images_by_their_shape(tmp_path):
    pixels = images(5, (4, 5, 3)).reshape(5, -1)
    request = write(tmp_path / "a.csv", table(labels(5), pixels))
    with pytest.raises(DatasetError, match=r"61 columns.*--shape 28x20"):
        read(request)
    found = read(OpenRequest(request.paths, shape=(4, 5, 3)))
    assert np.array_equal(found["images"], pixels)


@pytest.mark.parametrize(
    "header",
    [
        ["label", *(f"{row}x{column}" for row in range(1, 9) for column in range(1, 9))],
        ["label", *map(str, range(64))],
        list(map(str, range(65))),
        ['"label"', *(f'"{i}"' for i in range(64))],
    ],
)
def test_ways_to_name_pixels(tmp_path, header):
    found = read(write(tmp_path / "a.csv", table(labels(), PIXELS, header=header)))
    assert np.array_equal(found.pop("images"), PIXELS)
    assert np.array_equal(*found.values(), labels())


def test_an_id_is_no_pixel_and_no_label(tmp_path):
    ids = np.array([f"img_{i}" for i in range(24)])
    request = write(tmp_path / "a.csv", table(ids, labels(), PIXELS, header=["id", *HEADER]))
    with opened(request) as source:
        assert np.array_equal(source.given, labels())


def test_text_labels_and_missing_ones(tmp_path):
    names = np.array(["größe", "cat", ""])[labels()]
    with opened(write(tmp_path / "a.csv", table(names, PIXELS, header=HEADER))) as source:
        assert source.info.class_names == ("cat", "größe")
        assert source.info.unlabelled == 8


def test_an_empty_cell_beside_ones_is_no_class(tmp_path):
    ones = np.array(["1", ""])[labels() % 2]
    with opened(write(tmp_path / "a.csv", table(ones, PIXELS, header=HEADER))) as source:
        assert source.info.class_names == ("0", "1")
        assert np.array_equal(source.given, np.where(ones == "1", 1, UNLABELLED))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_another_encoding_is_asked_for(tmp_path, encoding):
    names = np.array(["größe", "cat", "dog"])[labels()]
    request = write(tmp_path / "a.csv", table(names, PIXELS, header=HEADER), encoding)
    with pytest.raises(DatasetError, match=r"line 1: is not UTF-8 text|line 2: is not UTF-8 text"):
        opened(request)
    with opened(OpenRequest(request.paths, encoding=encoding)) as source:
        assert "größe" in source.info.class_names
    with pytest.raises(DatasetError, match="cannot be read as klingon"):
        opened(OpenRequest(request.paths, encoding="klingon"))


def test_a_wrong_encoding_is_refused(tmp_path):
    request = write(tmp_path / "a.csv", table(labels(), PIXELS, header=HEADER) + "\n" * 9)
    with pytest.raises(DatasetError, match=r"a\.csv: "):
        read(OpenRequest(request.paths, encoding="utf-16"))


def test_a_cell_without_end_is_refused(tmp_path):
    text = table(labels(), PIXELS, header=HEADER) + "1" * 200_000 + ',"' + "2" * 200_000
    with pytest.raises(DatasetError, match="line 26: has 0 cells"):
        read(write(tmp_path / "a.csv", text))


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    text = table(labels(), PIXELS, header=HEADER)
    assert "label" in read(write(tmp_path / "a.csv", text, "utf-8-sig"))


def test_blank_lines_and_windows_line_ends(tmp_path):
    text = "\n\n" + table(labels(), PIXELS, header=HEADER).replace("\n", "\r\n") + "\r\n"
    assert np.array_equal(read(write(tmp_path / "a.csv", text))["images"], PIXELS)


def test_sixteen_bits(tmp_path):
    pixels = PIXELS.astype(np.int64)
    pixels[20, 3] = 65_535
    found = read(write(tmp_path / "a.csv", table(labels(), pixels, header=HEADER)))
    assert found["images"].dtype == np.uint16
    assert np.array_equal(found["images"], pixels)
    assert np.array_equal(found["label"], labels())


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("-1", "holds “-1” as pixel “pixel6”"),
        ("0.5", "holds “0.5” as pixel"),
        ("cat", "holds “cat” as pixel"),
        ("", "holds nothing as pixel"),
        ("65536", "holds “65536” as pixel"),
        ("7,7", "has 66 cells, not 65 as the lines before"),
    ],
)
@pytest.mark.parametrize("row", [0, 20])
def test_what_is_no_pixel_is_refused_with_its_line(tmp_path, cell, said, row):
    lines = table(labels(), PIXELS, header=HEADER).splitlines()
    cells = lines[1 + row].split(",")
    cells[7] = cell
    lines[1 + row] = ",".join(cells)
    lines.insert(1, "")
    with pytest.raises(DatasetError) as refused:
        opened(write(tmp_path / "a.csv", "\n".join(lines)))
    assert f"a.csv, line {3 + row}: {said}" in str(refused.value)


def test_a_line_that_was_cut_is_refused(tmp_path):
    text = table(labels(), PIXELS, header=HEADER)
    with pytest.raises(DatasetError, match=r"line 25: has \d+ cells, not 65"):
        read(write(tmp_path / "a.csv", text[:-30]))


def test_a_label_as_long_as_a_book_is_refused(tmp_path):
    text = table(np.array(["a" * 300, "b"]), PIXELS[:2], header=HEADER)
    with pytest.raises(DatasetError, match="line 2: has a label of more than 200 bytes"):
        read(write(tmp_path / "a.csv", text))


def test_a_packed_table_that_was_cut_is_refused(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(table(labels(), PIXELS, header=HEADER).encode())[:-20])
    with pytest.raises(DatasetError, match="damaged or incomplete"):
        opened(OpenRequest((str(path),)))


def test_a_list_of_addresses_is_refused_in_words(tmp_path):
    text = "url,label\nhttps://example.org/a.jpg,cat\nhttps://example.org/b.jpg,dog\n"
    with pytest.raises(DatasetError, match=r"holds addresses, not images. Download them first"):
        opened(write(tmp_path / "a.csv", text))


@pytest.mark.parametrize(
    "text",
    [
        "file,label\na.png,cat\nb.png,dog\n",
        "cat\ndog\n",
        "",
        "a,b,c\n1,2,3\n",
        "x" * 10_000,
        "1" * 100_000 + "x,2\n",
        ",".join(HEADER) + "\n",
        '"unclosed,1,2\n',
        "\x00\x01\x02\n" * 20,
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
def test_other_texts_are_none_of_ours(tmp_path, name, text):
    assert not pixel_csv.recognises(write(tmp_path / name, text).paths[0])


@quickly
@given(
    st.integers(1, 30),
    st.sampled_from([4, 5, 9]),
    st.sampled_from([255, 65_535]),
    st.booleans(),
    st.integers(0, 99),
)
def test_tables_written_by_numpy_come_out_as_they_went_in(tmp_path, n, side, high, titled, seed):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, high + 1, (n, side * side))
    codes = rng.integers(0, 5, n)
    header = ",".join(["label", *(f"p{i}" for i in range(side * side))]) if titled else ""
    path = tmp_path / "a.csv"
    both = np.column_stack([codes, pixels])
    np.savetxt(path, both, "%d", ",", header=header, comments="")
    found = read(OpenRequest((str(path),)))
    assert np.array_equal(found["images"], pixels)
    assert np.array_equal(found["label" if titled else "labels"], codes)
