"""What a command writes replaces no dataset, and becomes no part of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.data.fingerprint import fingerprint
from models.opening import request_for
from tests.helpers import sources
from tests.helpers.local import open_here
from tests.helpers.projects import N_CLASSES, N_SAMPLES, add_run
from tests.unit.cli.conftest import Capture, run


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pixels.csv", ["rank", "{}.winnow", "--csv", "{}"]),
        ("pixels.json", ["audit", "{}", "--json-file", "{}"]),
        ("pixels.npz", ["train", "{}", "-o", "{}"]),
    ],
)
def test_a_list_or_a_result_never_replaces_the_dataset_it_is_of(
    name: str, words: list[str], tmp_path: Path, capsys: Capture
) -> None:
    source = tmp_path / name
    rows = "".join(
        f"{i % N_CLASSES},{','.join(str((i * j) % 251) for j in range(64))}\n"
        for i in range(N_SAMPLES)
    )
    source.write_text(rows)
    if words[0] == "rank":
        review = open_here(request_for([source]), tmp_path / f"{name}.winnow")
        review.close()
        add_run(review.project.path)
    assert run(*(word.format(source) for word in words)) == 1
    assert f"{name}: is the dataset itself, which is never written to" in capsys.readouterr().err
    assert source.read_text() == rows


@pytest.mark.parametrize(
    "words",
    [
        ["rank", "photos.winnow", "--csv", "photos/suspects.csv"],
        ["audit", "photos.winnow", "--json-file", "photos/audit.json"],
        ["audit", "photos", "-o", "photos/results"],
        ["audit", "photos", "--html", "photos/audit.htm"],
        ["audit", "photos", "--each", "--json-file", "photos/train/audit.json"],
        ["report", "photos", "-o", "photos/page"],
        ["train", "photos", "-o", "photos"],
    ],
)
def test_a_project_still_opens_after_a_result_was_wanted_in_the_folder_of_its_images(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    sources.folder(tmp_path / "photos", splits=("train", "test"))
    review = open_here(request_for([tmp_path / "photos"]))
    review.close()
    before = fingerprint([str(tmp_path / "photos")])
    monkeypatch.chdir(tmp_path)
    assert run(*words) == 1
    assert "lies in the folder of the dataset itself" in capsys.readouterr().err
    assert fingerprint([str(tmp_path / "photos")]) == before


def test_a_page_may_lie_beside_the_images_it_shows(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    sources.folder(photos)
    before = fingerprint([str(photos)])
    assert run("report", photos, "-o", photos / "page.html") == 0
    assert fingerprint([str(photos)]) == before
