"""A file appears whole under its name, or not at all."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.data.placing import (
    check_space,
    publish,
    remove_leftovers,
    replace_text,
    republish,
    temporary_for,
)
from models.errors import ProjectError


def write(path, text="new"):
    with temporary_for(path) as temporary:
        temporary.write_text(text)
        publish(temporary, path)


def test_what_is_published_has_its_name_and_leaves_nothing(tmp_path):
    write(tmp_path / "a")
    assert os.listdir(tmp_path) == ["a"]


def test_what_is_there_is_never_replaced(tmp_path):
    (tmp_path / "a").write_text("old")
    with pytest.raises(ProjectError, match="nothing is ever overwritten"):
        write(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]


def test_a_disk_that_is_only_read_is_told_in_words(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    for does in ("unlink", "write_text"):  # such a disk refuses to remove what is not there, too
        monkeypatch.setattr(Path, does, refuse)
    with pytest.raises(ProjectError, match=r"could not be written \(read-only file system\)"):
        write(tmp_path / "a")


def test_without_hard_links_it_is_renamed(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    write(tmp_path / "a")
    with pytest.raises(ProjectError, match="nothing is ever overwritten"):
        write(tmp_path / "a")


def test_republishing_replaces_our_own_file(tmp_path):
    write(tmp_path / "a", "old")
    with temporary_for(tmp_path / "a") as temporary:
        temporary.write_text("new")
        republish(temporary, tmp_path / "a")
    assert (tmp_path / "a").read_text() == "new"


def test_an_error_on_the_way_leaves_nothing_and_is_one_sentence(tmp_path):
    def fill_the_disk():
        with temporary_for(tmp_path / "a") as temporary:
            temporary.write_text("half")
            raise OSError(28, "several\nlines")

    with pytest.raises(ProjectError, match=r"a: could not be written \(no space left on device\)"):
        fill_the_disk()
    assert os.listdir(tmp_path) == []


def test_leftovers_of_dead_processes_alone_are_removed(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    kept = [f".a.{os.getpid()}.winnow-tmp", ".a.notes.winnow-tmp", "b.h5"]
    for name in [*kept, f".a.{dead.pid}.winnow-tmp"]:
        (tmp_path / name).write_text("")
    remove_leftovers(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted(kept)


def test_replacing_a_small_file_leaves_only_it(tmp_path):
    for text in ("a", "größer"):
        replace_text(tmp_path / "settings.json", text)
    assert (tmp_path / "settings.json").read_text(encoding="utf-8") == "größer"
    assert os.listdir(tmp_path) == ["settings.json"]


def test_more_than_the_disk_has_is_refused(tmp_path):
    with pytest.raises(ProjectError, match=r"disk has .* MB left and .* MB are needed"):
        check_space(tmp_path, 1e18)
