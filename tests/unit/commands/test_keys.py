"""Keys are declared once, and clash loudly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from qtapp.commands import keys as rules
from qtapp.commands.digits import DIGITS, class_of_digit, key_of_class, physical_digit


def test_a_digit_sets_the_class_of_that_name_where_all_names_are_digits():
    names = tuple("0123456789")
    assert class_of_digit(names, "7") == 7
    assert class_of_digit(names, "0") == 0
    assert key_of_class(names, 3) == "3"


def test_otherwise_digits_follow_the_list_and_zero_is_the_tenth():
    names = tuple(f"class {i}" for i in range(12))
    assert class_of_digit(names, "1") == 0
    assert class_of_digit(names, "0") == 9
    assert key_of_class(names, 9) == "0"
    assert key_of_class(names, 10) == ""


def test_a_digit_beyond_the_list_sets_nothing():
    assert class_of_digit(("cat", "dog"), "3") is None
    assert class_of_digit(("1", "2"), "3") is None


def test_a_class_that_is_added_to_digits_moves_no_key():
    names = (*"0123456789", "smudge")
    assert [class_of_digit(names, digit) for digit in "0123456789"] == list(range(10))
    assert key_of_class(names, 10) == ""
    assert class_of_digit(("0", "1", "smudge"), "3") == 2
    assert key_of_class(("0", "1", "smudge"), 2) == "3"
    assert class_of_digit(("2", "3"), "1") is None


@given(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=30, unique=True))
def test_the_key_shown_for_a_class_is_the_key_that_sets_it(names):
    for digit in DIGITS:
        code = class_of_digit(names, digit)
        if code is not None:
            assert key_of_class(names, code) == digit


def test_the_digit_row_of_a_french_keyboard_gives_digits():
    event = QKeyEvent(
        QEvent.Type.KeyPress, Qt.Key.Key_Eacute, Qt.KeyboardModifier.NoModifier, 11, 0, 0, "é"
    )
    assert physical_digit(event) == "2"


def test_no_two_commands_share_a_key():
    rules.load_keys()


def test_a_clash_is_an_error_that_names_both(monkeypatch, tmp_path):
    (tmp_path / "keys.toml").write_text('[a]\none = ["Q"]\n[b]\ntwo = ["q"]\n')
    monkeypatch.setattr(rules.resources, "files", lambda _: tmp_path)
    with pytest.raises(rules.KeyClash, match=r"a\.one and to b\.two"):
        rules.load_keys()


def test_a_key_that_does_not_exist_is_an_error(monkeypatch, tmp_path):
    (tmp_path / "keys.toml").write_text('[a]\none = ["Nosuchkey"]\n')
    monkeypatch.setattr(rules.resources, "files", lambda _: tmp_path)
    with pytest.raises(rules.KeyClash, match="does not exist"):
        rules.load_keys()
