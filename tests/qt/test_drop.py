"""What is dropped on the window is found again, whatever its name is made of."""

from __future__ import annotations

import os

import pytest
from PySide6.QtCore import QUrl

from qtapp.views.main_window import local_path


@pytest.mark.parametrize(
    "name", [b"plain.npz", b"a b%20#?.npz", "größe.npz".encode(), b"\xff\xfe.npz"]
)
def test_the_path_of_a_dropped_file_keeps_its_bytes(name: bytes) -> None:
    escaped = "".join(f"%{byte:02X}" for byte in name)
    assert os.fsencode(local_path(QUrl(f"file:///tmp/{escaped}"))) == b"/tmp/" + name
