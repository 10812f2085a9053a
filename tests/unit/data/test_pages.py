"""What all pages share: colours of the window, pictures that stay sharp."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

import numpy as np
import pytest

from models.data.pages import picture, shortened, style


def test_pages_have_no_colours_of_their_own() -> None:
    styles = resources.files("resources") / "styles"
    rules = (styles / "page.css").read_text(encoding="utf-8")
    tokens = tomllib.loads((styles / "tokens.toml").read_text(encoding="utf-8"))
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", rules)
    used = set(re.findall(r"var\(--(\w+)", rules)) - {"severity", "box"}
    assert used <= set(tokens["light"])
    assert style().count(f"--window: {tokens['dark']['window']}") == 1


def test_dark_colours_are_for_screens_alone() -> None:
    assert re.findall(r"@media ([^{]*prefers-color-scheme[^{]*) {", style()) == [
        "screen and (prefers-color-scheme: dark)"
    ]


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [(28, 28, (84, 84)), (32, 32, (96, 96)), (8, 6, (96, 72)), (50, 64, (50, 64))],
)
def test_small_images_are_enlarged_by_whole_numbers(
    width: int, height: int, shown: tuple[int, int]
) -> None:
    assert picture(np.zeros((height, width, 1), np.uint8)).fitted(96) == shown


def test_large_images_fit_into_their_box_whatever_their_shape() -> None:
    assert picture(np.zeros((72, 144, 3), np.uint8)).fitted(96) == (96, 48)
    assert picture(np.zeros((1, 144, 3), np.uint8)).fitted(96) == (96, 1)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("IMG_2024_00000017_final.jpg", "IMG_2024…nal.jpg"),
        ("sixteen letters.", "sixteen letters."),
        ("日本語のとても長い名前", "日本語の…い名前"),
        ("", ""),
    ],
)
def test_a_long_name_keeps_both_of_its_ends(name: str, short: str) -> None:
    assert shortened(name, 16) == short
