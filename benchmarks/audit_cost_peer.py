"""Looks at images with Datalab and cleanvision, in an environment that has them, and says what that
cost: JSON lines on stdout. Uses nothing of Winnow.

PYTHON audit_cost_peer.py GIVEN.npz    images, labels, probabilities, embedding
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from cleanlab import Datalab
from cleanvision import Imagelab  # type: ignore[import-not-found]
from datasets import Dataset, Image  # type: ignore[import-untyped]
from PIL import Image as Pictures


def datalab(given: Any, _: Any) -> Iterable[str]:
    """Kinds of issues found by labels, probabilities and embedding."""
    lab = Datalab({"label": given["labels"]}, label_name="label", verbosity=0)
    lab.find_issues(pred_probs=given["probabilities"], features=given["embedding"])
    return _named(lab.get_issue_summary())


def cleanvision(_: Any, pictures: Dataset) -> Iterable[str]:
    """Kinds of issues found by pixels."""
    lab = Imagelab(hf_dataset=pictures, image_key="image")
    lab.find_issues(verbose=False)
    return _named(lab.issue_summary)


def _named(summary: Any) -> Iterable[str]:
    return [str(kind) for kind in summary[summary["num_issues"] > 0]["issue_type"]]


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
    with np.load(sys.argv[1]) as arrays:
        given = dict(arrays)
    pictures = Dataset.from_dict(
        {"image": [Pictures.fromarray(image) for image in given["images"]]}
    ).cast_column("image", Image())
    looks: tuple[Callable[[Any, Any], Iterable[str]], ...] = (datalab, cleanvision)
    for look in looks:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        began, used, base = time.monotonic(), _used_s(), _memory_mb("VmRSS")
        kinds = list(look(given, pictures))
        line = {
            "library": look.__name__,
            "seconds": time.monotonic() - began,
            "processor_s": _used_s() - used,
            "peak_mb": _memory_mb("VmHWM") - base,
            "kinds": kinds,
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
