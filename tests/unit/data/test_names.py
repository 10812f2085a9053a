"""Names of files and folders that every system takes, and that never lead anywhere."""

from __future__ import annotations

import os
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.names import folder_names, safe_folder_name, safe_name, told_apart


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("cat", "cat"),
        ("猫", "猫"),
        ("T-shirt/top", "T-shirt_top"),
        ("../../etc", "_.._.._etc"),
        ("..", "_"),
        ("", "_"),
        (" a. ", "a"),
        (".hidden", "_.hidden"),
        ("CON", "_CON"),
        ("lpt1.png", "_lpt1.png"),
        ("a\nb\0c", "a_b_c"),
        ("e\u0301", "é"),
        ("\udcff", "_"),
        ("=cmd", "=cmd"),
    ],
)
def test_what_a_name_becomes(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_a_class_named_like_a_project_is_not_hidden() -> None:
    assert safe_folder_name("mill.winnow") == "mill_"


def test_names_some_system_takes_for_one_are_numbered() -> None:
    assert folder_names(["cat", "Cat", "e\u0301", "é", "a/b", "a:b"]) == [
        *("cat", "Cat-2", "é", "é-2", "a_b", "a_b-2")
    ]


@given(st.text() | st.text(alphabet=" ./\\\0\n:*conCON-9éE\u0301\u00df\udcff"))
def test_any_text_is_one_step_of_a_path(text: str) -> None:
    name = safe_folder_name(text)
    assert PurePosixPath(name).parts == PureWindowsPath(name).parts == (name,)
    assert name not in (".", "..")
    assert not name.startswith(".")
    assert len(os.fsencode(name)) <= 125
    assert safe_folder_name(name) == name


@given(st.lists(st.text(alphabet="aAbß-2 ./\u0301e", max_size=4), max_size=12))
def test_no_two_classes_share_a_folder(texts: list[str]) -> None:
    names = folder_names(texts)
    assert len(names) == len(texts)
    assert len({unicodedata.normalize("NFC", name.casefold()) for name in names}) == len(texts)


@given(st.lists(st.sampled_from(["a", "a (2)", "a (3)", "a (2) (2)", ""]), max_size=12))
def test_classes_are_told_apart_and_first_ones_keep_their_names(names):
    apart = told_apart(names)
    assert len(set(apart)) == len(apart)
    firsts = [names.index(name) for name in set(names)]
    assert all(apart[first] == names[first] for first in firsts)
    assert all(shown.startswith(name) for shown, name in zip(apart, names, strict=True))
