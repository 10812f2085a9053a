"""A sample submission is followed to the letter, or refused with the row that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.writers.id_matching import match_ids
from models.data.writers.sample_submission import Style, Submission, read_submission
from models.errors import DatasetError
from models.review.classes import ClassChange, ClassList

INSECTS = ClassList.of(("ant", "bee", "cat"))
DIGITS = ClassList.of(("3", "5", "7"))
SIGNS = ClassList.of(("-1", "1"))


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return tmp_path / "sample.csv"


def read(path: Path, text: str, classes: ClassList = INSECTS) -> Submission:
    path.write_bytes(text.encode())
    return read_submission(path, classes)


@pytest.mark.parametrize(
    ("text", "classes", "style", "columns"),
    [
        ("id,label\n7,bee\n3,\n", INSECTS, Style.NAME, ()),
        ("id,label\n7,0\n3,2\n", INSECTS, Style.CODE, ()),
        ("id,label\n7,0\n3,0\n", DIGITS, Style.NAME, ()),  # a placeholder, and 3 is a name
        ("id,label\n7,0\n3,0\n", SIGNS, Style.NAME, ()),
        ("id,label\n7,0.5\n3,0.5\n", ClassList.of(("no", "yes")), Style.SECOND, ()),
        ("id,cat,ant,bee\n7,.3,.3,.4\n3,0,0,0\n", INSECTS, Style.PROBABILITIES, (2, 0, 1)),
        ("id,c2,c0,c1\n7,0,1,0\n3,1,0,0\n", INSECTS, Style.ONE_HOT, (2, 0, 1)),
        ("id,is_bee,is_cat,is_ant\n7,0,1,0\n3,1,1,0\n", INSECTS, Style.PROBABILITIES, (1, 2, 0)),
        ("\ufeffid;label\r\n7;bee\r\n\r\n3;ant\r\n", INSECTS, Style.NAME, ()),
    ],
)
def test_styles(
    sample: Path, text: str, classes: ClassList, style: Style, columns: tuple[int, ...]
) -> None:
    found = read(sample, text, classes)
    assert (found.ids, found.style, found.columns) == (("7", "3"), style, columns)
    assert found.header[0] == "id"


@pytest.mark.parametrize("mark", ["\r", "\n", "\u2028", "\x85", "\f"])
def test_names_and_ids_of_several_lines_stay_whole(sample: Path, mark: str) -> None:
    names = (f"wild{mark}cat", f"bee{mark}")
    text = f'id,label\n"7{mark}a","{names[0]}"\n3,"{names[1]}"\n'
    found = read(sample, text, ClassList.of(names))
    assert (found.ids, found.style) == ((f"7{mark}a", "3"), Style.NAME)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,label\n7,bee\n3,dog\n", r"row 3 has the label 'dog'.*ant, bee, cat"),
        ("id,label\n7,0\n3,3\n", "row 2 has the label '0'"),
        ("id,label\n7,bee\n7,bee\n", "row 3 repeats the id '7' of row 2"),
        ("id,label\n7,bee,1\n", "row 2 has 3 cells, the header 2"),
        ("id,ant,bee\n7,0,1\n", "the class 'cat' has no column"),
        ("id,ant,bee,dog\n7,0,1,0\n", "column 'dog' is no class"),
        ("id,ant,bee,cat,cat\n7,0,1,0,0\n", "two columns"),
        ("id\n7\n", "no sample submission"),
        ("", "no sample submission"),
        ('id,label\n7,"bee', "not a CSV"),
    ],
)
def test_what_cannot_be_followed_is_refused(sample: Path, text: str, said: str) -> None:
    with pytest.raises(DatasetError, match=said) as refused:
        read(sample, text)
    assert str(sample) in str(refused.value)


def test_a_merged_class_needs_no_column(sample: Path) -> None:
    merged = INSECTS.after(ClassChange(merged=(2,), into=0))
    assert read(sample, "id,bee,ant\n7,.5,.5\n", merged).columns == (1, 0)


def test_a_missing_sample_is_refused_in_words(sample: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        read_submission(sample, INSECTS)


@given(st.text(alphabet='id,label;\t"\n\r0123.anbeect\ufeff\0', max_size=60))
def test_no_text_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    sample = tmp_path_factory.mktemp("sample") / "s.csv"
    try:
        found = read(sample, text)
    except DatasetError:
        return
    assert len(set(found.ids)) == len(found.ids) > 0


# -- which samples the ids mean --------------------------------------------------------------
FILES = ["train/cat/1.png", "train/dog/2.png", "test/7.png", "test/8.png", "test/1.png"]
SPLITS = {"train": 2, "test": 3}
ROWS = [f"a.npz[{i}]" for i in range(6)]


@pytest.mark.parametrize(
    ("ids", "found", "by"),
    [
        (["test/8.png", "train/cat/1.png"], [3, 0], "path"),
        (["8.png", "2.png"], [3, 1], "file name"),
        (["8", "7"], [3, 2], "file name without suffix"),
        (["8", "1"], [3, 4], "file name without suffix in test"),
        (["0", "4"], [0, 4], "sample id"),
    ],
)
def test_ids_of_files(ids: list[str], found: list[int], by: str) -> None:
    match = match_ids(ids, FILES, SPLITS, Path("s.csv"))
    assert (match.sample_ids.tolist(), match.by) == (found, by)


@pytest.mark.parametrize(
    ("ids", "splits", "found"),
    [
        (["4", "0"], {"all": 6}, [4, 0]),
        (["0", "1"], {"train": 4, "test": 2}, [4, 5]),  # the second set, counted by itself
        (["1", "2"], {"train": 4, "test": 2}, [4, 5]),
        (["2", "1"], {"train": 4, "test": 2}, [2, 1]),  # in another order they are sample ids
        (["0", "1", "2"], {"train": 3, "test": 3}, [3, 4, 5]),
        (["0", "1"], {"train": 2, "val": 2, "test": 2}, [0, 1]),  # no telling which
    ],
)
def test_ids_of_array_rows(ids: list[str], splits: dict[str, int], found: list[int]) -> None:
    assert match_ids(ids, ROWS, splits, Path("s.csv")).sample_ids.tolist() == found


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["test/8.png", "test/9.png"], r"s\.csv: the id 'test/9.png' in row 3 means no image"),
        (["1.png"], "'1.png' in row 2 means several images by file name"),
        (["-1"], "'-1' in row 2 means no image"),
        (["5"], "'5' in row 2 means no image"),
    ],
)
def test_a_mismatch_is_refused_with_its_row(ids: list[str], said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        match_ids(ids, FILES, SPLITS, Path("s.csv"))
