"""What was preferred is there again; a damaged file costs what is damaged and no more."""

import json

import pytest

from qtapp.settings import SCHEMA_VERSION, Recent, Settings, load_settings, save_settings


def test_settings_are_read_back_as_they_were_written(tmp_path):
    path = tmp_path / "deep" / "settings.json"
    settings = Settings(
        theme="contrast",
        font_percent=150,
        reviewer="Ada",
        keys={"decide.keep": ["K"]},
        recent=(Recent("tiny", "/nowhere"),),
    )
    save_settings(settings, path)
    assert load_settings(path) == settings


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema_version": 99}'])
def test_an_unreadable_file_gives_the_defaults(tmp_path, text):
    path = tmp_path / "settings.json"
    path.write_text(text)
    assert load_settings(path) == Settings()


def test_a_damaged_entry_costs_no_other(tmp_path):
    path = tmp_path / "settings.json"
    kept = {"schema_version": SCHEMA_VERSION, "font_percent": "big", "theme": "dark", "keys": 7}
    path.write_text(json.dumps(kept))
    settings = load_settings(path)
    assert (settings.theme, settings.font_percent) == ("dark", 100)
    assert settings.keys == 7  # the registry says that it is none


@pytest.mark.parametrize("recent", [None, 7, "tiny", {"name": "tiny"}, [], [None, "x", ["y"]]])
def test_what_was_opened_before_may_be_damaged(tmp_path, recent):
    path = tmp_path / "settings.json"
    kept = {"schema_version": SCHEMA_VERSION, "theme": "dark", "recent": recent}
    path.write_text(json.dumps(kept))
    assert load_settings(path) == Settings(theme="dark")
    whole = {"name": "tiny", "path": "/nowhere", "size": 3}
    kept["recent"] = [{"name": "a", "path": None}, {"name": 3, "path": "/b"}, {"path": "c"}, whole]
    path.write_text(json.dumps(kept))
    assert load_settings(path).recent == (Recent("tiny", "/nowhere"),)
