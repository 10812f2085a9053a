"""Whatever a person does to the keys, no two commands share one, and the defaults come back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtapp.commands.keys import (
    PRESETS,
    differences,
    load_keys,
    load_preset,
    objection,
    owner_of,
    portable,
    rebound,
    with_changes,
)

DEFAULTS = load_keys()
HELD = ("look.peek", "look.hide_predictions")
COMMANDS = sorted(line for line in DEFAULTS if not line.startswith("digit."))
KEYS = ("Q", "W", "K", "Space", "Ctrl+Z", "Shift+Left", "F7", "1", "?", "Tab", "Alt+F", "Nosuchkey")
keys_of_a_command = st.lists(st.sampled_from(KEYS), max_size=3)
damaged = st.one_of(st.none(), st.integers(), st.text(max_size=3), st.lists(st.integers()))


def shared(keys):
    """Keys of more than one command."""
    every = [key for bound in keys.values() for key in set(bound)]
    return {key for key in every if every.count(key) > 1}


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.one_of(st.sampled_from([*COMMANDS, "digit.1", "no.such"]), st.text(max_size=3)),
        st.one_of(keys_of_a_command, damaged),
        max_size=6,
    )
)
def test_no_two_commands_share_a_key_whatever_the_settings_say(changes):
    keys, _ = with_changes(DEFAULTS, changes, HELD)
    assert keys.keys() == DEFAULTS.keys()
    assert not shared(keys)
    assert keys["digit.1"] == ("1",)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(COMMANDS), keys_of_a_command), max_size=8))
def test_rebinding_shares_no_key_survives_a_restart_and_can_be_reset(presses):
    keys = DEFAULTS
    for command_id, wanted in presses:
        held = command_id in HELD
        usable = tuple(
            dict.fromkeys(
                key
                for key in map(portable, wanted)
                if not objection(key, held=held) and not owner_of(keys, key).startswith("digit.")
            )
        )
        keys = rebound(keys, command_id, usable)
        assert keys[command_id] == usable
        assert not shared(keys)
    kept = differences(DEFAULTS, keys)
    assert all(list(DEFAULTS[command_id]) != bound for command_id, bound in kept.items())
    assert with_changes(DEFAULTS, kept, HELD) == (keys, [])
    assert differences(DEFAULTS, DEFAULTS) == {}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_shares_no_key_and_leaves_no_command_without(name):
    changes = load_preset(name)
    keys, ignored = with_changes(DEFAULTS, changes, HELD)
    assert not ignored
    assert not shared(keys)
    assert [line for line in DEFAULTS if not keys[line]] == []
    assert changes == {line: tuple(bound) for line, bound in differences(DEFAULTS, keys).items()}


def test_a_key_that_a_person_chose_is_not_given_to_a_new_command():
    newer = {**DEFAULTS, "look.of_tomorrow": ("K",)}
    keys, ignored = with_changes(newer, {"decide.keep": ["K"]})
    assert (keys["decide.keep"], keys["look.of_tomorrow"], ignored) == (("K",), (), [])


def test_what_is_not_understood_is_named_and_the_rest_holds():
    changes = {
        "decide.keep": ["K"],
        "gone.away": ["L"],
        "decide.accept": 3,
        "look.peek": ["Ctrl+P"],
    }
    keys, ignored = with_changes(DEFAULTS, changes, HELD)
    assert keys["decide.keep"] == ("K",)
    assert keys["decide.accept"] == DEFAULTS["decide.accept"]
    assert keys["look.peek"] == DEFAULTS["look.peek"]
    assert ignored == ["gone.away", "decide.accept", "look.peek = Ctrl+P"]
    assert with_changes(DEFAULTS, "rubbish") == (DEFAULTS, ["rubbish"])
