"""Downloads a dataset everybody knows, ready to be opened: `winnow fetch`."""

from __future__ import annotations

import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from models.data.downloads import Downloader, Published
from models.data.placing import republish
from models.errors import DatasetError
from models.types import Events, Finished, Progress

_NAMES_FILE = "classes.txt"
_COPY_BYTES = 1 << 20


@dataclass(frozen=True)
class Dataset:
    """Files as published, and what becomes of them.

    `class_names` are written beside files that do not name their classes. `unpacked` are the
    files to take out of an archive, and their sizes; the archive itself is not kept.
    """

    files: Sequence[Published]
    class_names: Sequence[str] = ()
    unpacked: Mapping[str, int] | None = None


def _four(servers: Sequence[str], *facts: tuple[int, str]) -> tuple[Published, ...]:
    """The four files MNIST and what followed it consist of: size and SHA-256 of each."""
    names = (
        f"{split}-{content}-ubyte.gz"
        for split in ("train", "t10k")
        for content in ("images-idx3", "labels-idx1")
    )
    return tuple(Published(n, *fact, servers) for n, fact in zip(names, facts, strict=True))


_CIFAR_10 = {f"data_batch_{i}.bin": 30_730_000 for i in range(1, 6)}
_CIFAR_10 |= {"test_batch.bin": 30_730_000, "batches.meta.txt": 61}

# Checksums as the loaders of Keras, torchvision and MLDatasets state them.
DATASETS = {
    "fashion-mnist": Dataset(
        _four(
            (
                "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
                "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            ),
            (26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            (29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            (4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            (5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ),
        (
            *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
            *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        ),
    ),
    "mnist": Dataset(
        _four(
            (
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "https://storage.googleapis.com/cvdf-datasets/mnist/",
            ),
            (9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
            (28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
            (1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            (4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        )
    ),
    "kmnist": Dataset(
        _four(
            ("https://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
            (18165135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
            (29497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
            (3041136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
            (5120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
        ),
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    ),
    "cifar10": Dataset(
        (
            Published(
                "cifar-10-binary.tar.gz",
                170052171,
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                (
                    "https://www.cs.toronto.edu/~kriz/",
                    "https://cave.cs.toronto.edu/kriz/",
                    "https://mirror.tensorflow.org/www.cs.toronto.edu/~kriz/",
                ),
            ),
        ),
        unpacked=_CIFAR_10,
    ),
}


def fetching(
    name: str,
    folder: Path | None = None,
    *,
    datasets: Mapping[str, Dataset] = DATASETS,
    schemes: Sequence[str] = ("https",),
    stall_s: float = 20.0,
) -> Events:
    """Have a dataset in a folder: Progress, at last Finished with its folder.

    What is there already is checked and not downloaded again; a download that was cut goes on
    where it ended.

    Raises
    ------
    DatasetError
        If it cannot be downloaded or written.
    """
    dataset = datasets[name]
    folder = folder or Path(platformdirs.user_data_dir("winnow")) / "datasets" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".fetch.lock", timeout=0, thread_local=False):
            yield from _have(dataset, Downloader(folder, schemes, stall_s), folder)
    except Timeout as error:
        raise DatasetError(
            "is being downloaded by another Winnow", str(folder), "Wait for that one."
        ) from error
    except OSError as error:
        raise DatasetError(
            f"cannot be written ({error.strerror})", str(folder), "Choose another folder with -o."
        ) from error
    yield Finished({"dataset": name, "path": str(folder)})


def _have(dataset: Dataset, downloader: Downloader, folder: Path) -> Iterator[Progress]:
    wanted = dataset.unpacked or {}
    if wanted and all(_has_size(folder / name, size) for name, size in wanted.items()):
        return  # each was put there whole
    for file in dataset.files:
        yield from downloader.download(file)
        if wanted:
            yield from _unpack(folder / file.name, wanted)
            (folder / file.name).unlink()
    names = folder / _NAMES_FILE
    if dataset.class_names and not names.exists():
        names.write_text("".join(f"{name}\n" for name in dataset.class_names), encoding="utf-8")


def _unpack(archive: Path, wanted: Mapping[str, int]) -> Iterator[Progress]:
    """Take the files wanted out of an archive, and nothing else, whatever it says they are."""
    left = dict(wanted)
    try:
        with tarfile.open(archive, "r:gz") as members:
            for member in members:
                name = os.path.basename(member.name)
                content = members.extractfile(member) if left.get(name) == member.size else None
                if content is None:
                    continue
                temporary = archive.with_name(f"{name}.part")
                with content, open(temporary, "wb") as out:
                    while block := content.read(_COPY_BYTES):
                        out.write(block)
                        yield Progress(out.tell(), member.size, f"unpacking {name}")
                republish(temporary, archive.with_name(name))
                del left[name]
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise DatasetError("cannot be unpacked", str(archive), details=str(error)) from error
    if left:
        raise DatasetError(f"does not hold {', '.join(left)}", str(archive))


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size
