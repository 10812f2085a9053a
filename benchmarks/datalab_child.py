"""Looks at images with Datalab, cleanvision inside it, and says what was found and what it cost.

Runs in an environment that has them, uses nothing of Winnow, prints a JSON line for each file.

PYTHON datalab_child.py GIVEN.npz ...    images, labels, probabilities, embedding
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from cleanlab import Datalab
from datasets import Dataset, Image  # type: ignore[import-untyped]
from PIL import Image as Pictures

_SPURIOUS = "spurious_correlations"


def found_in(given: Any) -> dict[str, int]:
    """Kinds of issues and how many images have them, found by all that Datalab takes."""
    pictures = [Pictures.fromarray(image) for image in given["images"]]
    columns = {"image": pictures, "label": given["labels"].tolist()}
    data = Dataset.from_dict(columns).cast_column("image", Image())
    lab = Datalab(data, label_name="label", image_key="image", verbosity=0)
    lab.find_issues(pred_probs=given["probabilities"], features=given["embedding"])
    summary = lab.get_issue_summary()
    counts = zip(summary["issue_type"], summary["num_issues"], strict=True)
    found = {str(kind): int(n) for kind, n in counts if n}
    return found | {f"{_SPURIOUS}: {name}": len(given["labels"]) for name in _spurious(lab)}


def _spurious(lab: Datalab) -> list[str]:
    """Properties that go with a class, which the summary leaves out."""
    info = lab.get_info(_SPURIOUS)
    table = info["correlations_df"]
    return [str(name) for name in table[table["score"] < info["threshold"]]["property"]]


def _used_s() -> float:
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _memory_mb(name: str) -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) / 1_024


def main() -> None:
    """Look at what the command line names."""
    for path in sys.argv[1:]:
        with np.load(path) as arrays:
            given = dict(arrays)
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        began, used, base = time.monotonic(), _used_s(), _memory_mb("VmRSS")
        kinds = found_in(given)
        line = {
            "seconds": time.monotonic() - began,
            "processor_s": _used_s() - used,
            "peak_mb": _memory_mb("VmHWM") - base,
            "kinds": kinds,
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
