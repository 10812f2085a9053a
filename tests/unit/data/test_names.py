"""Names of files and folders that every system takes, and that never lead anywhere."""

from __future__ import annotations

import os
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.names import displayed, folder_names, safe_folder_name, safe_name, told_apart


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
        ("0.04\u202fPM", "0.04\u202fPM"),
        ("\u202egnp", "_gnp"),
    ],
)
def test_what_a_name_becomes(text: str, name: str) -> None:
    assert safe_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "Screenshot 2024-01-05 at 0.04.05\u202fPM.png",
        "東京\u3000駅",
        "10\xa0cm",
        "می\u200cخواهم",
        "👨\u200d👩\u200d👧",
        "co\xadop",
        "\u200fعربي",
    ],
)
def test_spaces_of_any_kind_and_what_joins_signs_are_shown_as_they_are(text: str) -> None:
    assert displayed(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\x1b[2J", "a\\nb\\x1b[2J"),
        ("a\u2028b\u2029c\x85", "a\\u2028b\\u2029c\\x85"),
        ("photo\u202egnp.exe", "photo\\u202egnp.exe"),
        ("\u2066a\u2069", "\\u2066a\\u2069"),
        ("\ufeffcat", "\\ufeffcat"),
        ("\ue000\u0378", "\\ue000\\u0378"),
        (os.fsdecode(b"caf\xe9"), "caf\\xe9"),
    ],
)
def test_what_is_no_text_or_turns_others_round_is_escaped(text: str, shown: str) -> None:
    assert displayed(text) == shown


@pytest.mark.parametrize("text", ["classes.txt", "Classes.TXT"])
def test_a_class_named_like_the_list_of_classes_may_lie_beside_it(text: str) -> None:
    assert safe_folder_name(text) == f"{text}_"


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
