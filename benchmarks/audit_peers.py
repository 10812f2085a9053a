"""Which damage Datalab notices, beside what `winnow audit` names, on the same splits.

python -m benchmarks audit_peers [--json] --peer PYTHON [--dataset D ...] [--seed S]
    [--results FILE]

`--peer` is the interpreter of an environment with cleanlab[datalab,image]. Datalab knows no
splits: it gets all images at once, with probabilities from the cross-validation of a logistic
regression, and uses cleanvision for their pixels. It notices a damage if any kind of issue that can
mean it, taken generously, has half as many images again as in a clean draw. It need not say what
the cause is; Winnow has to, first of all, with the split. Winnow's audits are those of `audit`,
from its results file where they are there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from benchmarks.audit import once
from benchmarks.audit.cases import DATASETS, Case, Draws, every_case
from benchmarks.audit.options import RESULTS, Options
from benchmarks.damage import Triplet
from benchmarks.report import Row
from benchmarks.results import Results

CHILD = Path(__file__).with_name("datalab_child.py")
_FEATURES, _FOLDS, _STEPS = 50, 4, 300
_TIMES, _MORE = 1.5, 5  # as many issues as in a clean draw, and at least so many more

_LABEL, _ODD = ("label",), ("outlier",)
_DIM, _SOFT = ("dark", "light", "low_information", *_ODD), ("blurry", "low_information", *_ODD)
_TWICE = ("near_duplicate", "exact_duplicates", "near_duplicates")
_FEW = ("class_imbalance", "underperforming_group")
_GIVEN_AWAY = ("spurious_correlations",)
_CAN_MEAN: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("label_noise", "class_swap", "label_offset", "class_shuffled"), _LABEL),
    **dict.fromkeys(("labels_random", "class_absorbed", "misaligned"), _LABEL),
    "order": ("non_iid",),
    **dict.fromkeys(("label_shift", "class_missing", "imbalance", "class_too_small"), _FEW),
    **dict.fromkeys(("brightness", "contrast", "scaling"), _DIM),
    **dict.fromkeys(("blur", "resampled", "jpeg"), _SOFT),
    **dict.fromkeys(("noise", "inverted", "flipped", "rotated", "border", "channel_order"), _ODD),
    "foreign_images": _ODD,
    "grey": ("grayscale",),
    **dict.fromkeys(("leak_exact", "leak_near", "duplicate_exact"), _TWICE),
    "duplicate_conflict": (*_TWICE, *_LABEL),
    **dict.fromkeys(("shortcut_brightness", "shortcut_mark"), (*_GIVEN_AWAY, *_DIM)),
    **dict.fromkeys(("shortcut_jpeg", "shortcut_grey"), (*_GIVEN_AWAY, *_SOFT, "grayscale")),
}

Line = dict[str, Any]


def measure(arguments: Sequence[str] = ()) -> list[Row]:
    """Show each damage to both, and count."""
    parser = argparse.ArgumentParser("python -m benchmarks audit_peers")
    parser.add_argument("--peer", type=Path, metavar="PYTHON")
    parser.add_argument("--dataset", action="append", choices=DATASETS, help="(all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, default=RESULTS, help="of `audit` (%(default)s)")
    asked = parser.parse_args(arguments)
    if asked.peer is None:
        return [Row.skipped("Datalab", "skipped: --peer names no interpreter that has it")]
    results, draws = Results(asked.results), Draws()
    rows: list[Row] = []
    for dataset in asked.dataset or DATASETS:
        if not draws.has(dataset):
            rows.append(Row.skipped(dataset, "skipped: ../shared/data is not on this machine"))
            continue
        wanted = Options(sizes=((1_000, "middle"),), seed=asked.seed, results=asked.results)
        cases = [one for one in every_case(dataset, wanted) if len(one.damages) == 1]
        clean = Case(dataset, 1_000, asked.seed)
        seen = _seen(asked.peer, [clean.made(draws)[0], *(one.made(draws)[0] for one in cases)])
        rows += _rows(dataset, cases, seen, [once(one, draws, results) for one in cases])
    return rows


def _seen(peer: Path, triplets: Sequence[Triplet]) -> list[Line]:
    """What Datalab says of each."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for place, triplet in enumerate(triplets):
            paths.append(str(Path(folder, f"{place}.npz")))
            _write(Path(paths[-1]), triplet)
        done = subprocess.run(
            [str(peer), str(CHILD), *paths], check=True, stdout=subprocess.PIPE, text=True
        )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _write(path: Path, triplet: Triplet) -> None:
    """All images of a triplet, and what a simple model says of each."""
    images = np.concatenate(list(triplet.images.values()))
    labels = np.concatenate(list(triplet.labels.values()))
    flat = images.reshape(len(images), -1) / 255
    features = PCA(_FEATURES, random_state=0).fit_transform(flat)
    model = LogisticRegression(max_iter=_STEPS)
    probabilities = cross_val_predict(model, features, labels, cv=_FOLDS, method="predict_proba")
    np.savez(
        path,
        images=images[..., 0] if images.shape[-1] == 1 else images,
        labels=labels,
        probabilities=probabilities.astype(np.float32),
        embedding=features.astype(np.float32),
    )


def _rows(
    dataset: str, cases: Sequence[Case], seen: Sequence[Line], audits: Sequence[Line]
) -> list[Row]:
    clean, damaged = seen[0]["kinds"], seen[1:]
    noticed = [
        _noticed(case.damages[0], clean, line["kinds"])
        for case, line in zip(cases, damaged, strict=True)
    ]
    n = f"(of {len(cases)})"
    rows = [
        Row.value_of(f"{dataset}: named first by the audit {n}", mean(_right(audits)), ""),
        Row.value_of(f"{dataset}: noticed by Datalab {n}", mean(noticed), ""),
        Row.value_of(f"{dataset}: Datalab", median(line["seconds"] for line in damaged), "s"),
    ]
    for who, missed in (("audit", _right(audits)), ("Datalab", noticed)):
        names = [
            case.damages[0] for case, was_seen in zip(cases, missed, strict=True) if not was_seen
        ]
        rows.append(Row.skipped(f"{dataset}: not by {who}", ", ".join(names) or "none"))
    return rows


def _right(audits: Sequence[Line]) -> list[bool]:
    return [bool(line["right"]) for line in audits]


def _noticed(damage: str, clean: Mapping[str, int], found: Mapping[str, int]) -> bool:
    """Whether any kind of issue that can mean a damage is more frequent than in a clean draw."""
    usual, now = (
        {kind: n for kind, n in counts.items() if kind.startswith(tuple(_CAN_MEAN[damage]))}
        for counts in (clean, found)
    )
    return any(
        n >= max(_TIMES * usual.get(kind, 0), usual.get(kind, 0) + _more(kind))
        for kind, n in now.items()
    )


def _more(kind: str) -> int:
    return 1 if kind == "non_iid" else _MORE  # which is counted once, for the whole dataset
