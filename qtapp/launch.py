"""Checks what Qt needs before it starts: without it Qt aborts, with a message nobody sees."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

# Library -> the Debian package that brings it, and with it the libraries it needs itself.
_ALWAYS = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
_IN_X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
_CONNECT_S = 2.0


def obstacle(environment: Mapping[str, str]) -> str:
    """Why no window can open here and what to do about it, in words; empty if one can."""
    if not sys.platform.startswith("linux"):
        return ""
    missing = missing_packages(needs_x11=_uses_x11(environment))
    if missing:
        return (
            f"system libraries that Qt needs are missing. Run: {install_line(missing)} "
            "(these are Debian's names; other systems have similar ones)"
        )
    if not has_display(environment):
        return (
            "there is no display to open a window on. Start it from a desktop session, or "
            "through `ssh -X`, or try `xvfb-run`; the command line needs none (winnow --help)."
        )
    return ""


def missing_packages(*, needs_x11: bool) -> list[str]:
    """Debian packages of the libraries that are not there."""
    needed = {**_ALWAYS, **(_IN_X11 if needs_x11 else {})}
    return [package for library, package in needed.items() if not _loads(library)]


def install_line(packages: list[str]) -> str:
    """The line that installs them."""
    become_root = "" if os.geteuid() == 0 else "sudo "
    return f"{become_root}apt-get install -y {' '.join(packages)}"


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether the display that Qt would open a window on answers."""
    if _needs_none(environment):
        return True
    wayland, x11 = environment.get("WAYLAND_DISPLAY", ""), environment.get("DISPLAY", "")
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    if wayland and _answers(socket.AF_UNIX, str(Path(runtime, wayland))):
        return True
    return bool(x11) and _x_server_answers(x11)


def _uses_x11(environment: Mapping[str, str]) -> bool:
    return not _needs_none(environment) and not (
        environment.get("WAYLAND_DISPLAY") and not environment.get("DISPLAY")
    )


def _needs_none(environment: Mapping[str, str]) -> bool:
    """Whether Qt was told to use something else than a window system."""
    platform = environment.get("QT_QPA_PLATFORM", "")
    return bool(platform) and not platform.startswith(("xcb", "wayland"))


def _x_server_answers(display: str) -> bool:
    host, _, number = display.rpartition(":")
    number = number.partition(".")[0]
    if not number.isdigit():
        return False
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where X puts it
        return _answers(socket.AF_UNIX, path) or _answers(socket.AF_UNIX, f"\0{path}")
    return _answers(socket.AF_INET, (host, 6000 + int(number)))


def _answers(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(_CONNECT_S)
        try:
            connection.connect(address)
        except OSError:
            return False
    return True


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    # For make: the packages to install, one line or nothing.
    needed = missing_packages(needs_x11="window" in sys.argv[1:])
    sys.stdout.write(" ".join(needed) + "\n" if needed else "")
