"""The measured properties of a dataset in its project: properties.npy and, after it, .json."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from models.data.placing import replace_file, replace_text
from models.review.properties import MEASURED_PX, PROPERTIES, Properties
from models.types import DatasetInfo

_RULES = 1  # of the measuring: a table that was measured by others is of no use


def keep_properties(project: Path, info: DatasetInfo, found: Properties) -> None:
    """Keep what is measured so far in place of what was before."""
    about = project / "properties.json"
    about.unlink(missing_ok=True)  # until both are there, there is none
    replace_file(
        project / "properties.npy", lambda file: np.save(file, found.table, allow_pickle=False)
    )
    replace_text(about, json.dumps({**_key(info), "n_measured": found.n_measured}))


def kept_properties(project: Path, info: DatasetInfo) -> Properties | None:
    """What was measured of this very dataset; None where nothing was."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        about = json.loads((project / "properties.json").read_bytes())
        n_measured = int(about.pop("n_measured"))
        table = np.load(project / "properties.npy", mmap_mode="r")
        fits = table.shape == (len(PROPERTIES), info.n) and table.dtype == np.float32
        if about == _key(info) and fits and 0 <= n_measured <= info.n:
            return Properties(table, n_measured)
    return None


def _key(info: DatasetInfo) -> Mapping[str, Any]:
    """What a table is about, and how it was measured."""
    about = [info.fingerprint, info.request.get("boxes", False), *filter(None, [info.undone])]
    source = json.dumps(about, sort_keys=True)
    return {
        "rules": _RULES,
        "names": list(PROPERTIES),
        "measured_px": MEASURED_PX,
        "source": hashlib.sha256(source.encode()).hexdigest(),
    }
