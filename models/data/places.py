"""Where paths lie: what folder they have in common, whether on a network file system."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

_NETWORK = {
    *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "fuse.sshfs", "glusterfs", "gpfs"),
    *("lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs"),
}
_MOUNTS = Path("/proc/mounts")


def common_folder(paths: Sequence[str]) -> str:
    """What the images of a source of folders are relative to: the one folder that was opened, or
    the folder that several lie in."""
    whole = [os.path.abspath(path) for path in paths]
    return whole[0] if len(whole) == 1 else os.path.commonpath(list(map(os.path.dirname, whole)))


def is_on_network(path: str | Path, mounts: Path = _MOUNTS) -> bool:
    """Whether a path, or the folder it is about to be in, lies on a network file system.

    Known on Linux alone; elsewhere a place counts as local.
    """
    return file_system_of(path, mounts) in _NETWORK


def file_system_of(path: str | Path, mounts: Path = _MOUNTS) -> str:
    """The type of the file system a path lies on, "" if it cannot be known."""
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return ""
    real = Path(os.path.realpath(path))
    found, depth = "", -1
    for line in lines:
        _, mount_point, kind, *_ = line.split()
        place = Path(_unescaped(mount_point))
        if real.is_relative_to(place) and len(place.parts) >= depth:
            found, depth = kind, len(place.parts)  # a later mount hides an earlier one
    return found


def _unescaped(mount_point: str) -> str:
    """A mount point as a path: /proc/mounts writes a blank as \\040."""
    for octal in ("040", "011", "012", "134"):
        mount_point = mount_point.replace(f"\\{octal}", chr(int(octal, 8)))
    return mount_point
