"""Which file system a path lies on, from what the kernel says of its mounts."""

import pytest

from models.data.places import file_system_of, is_on_network

MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/export /mnt/my\\040share nfs4 rw 0 0
/dev/vdb /mnt/my\\040share/local xfs rw 0 0
//nas/x /old cifs rw 0 0
tmpfs /old tmpfs rw 0 0
"""


@pytest.fixture
def mounts(tmp_path):
    path = tmp_path / "mounts"
    path.write_text(MOUNTS)
    return path


@pytest.mark.parametrize(
    ("path", "kind", "network"),
    [
        ("/home/ada/x", "ext4", False),
        ("/mnt/my share/data", "nfs4", True),
        ("/mnt/my share/local/data", "xfs", False),
        ("/mnt/my shares", "ext4", False),
        ("/old/x", "tmpfs", False),
    ],
)
def test_the_nearest_and_last_mount_counts(mounts, path, kind, network):
    assert file_system_of(path, mounts) == kind
    assert is_on_network(path, mounts) is network


def test_where_mounts_cannot_be_known_a_place_is_local(tmp_path):
    assert not is_on_network(tmp_path, tmp_path / "missing")
