"""Judges the orders of a run: against the truth, against cleanlab, and after some verdicts."""

from __future__ import annotations

from typing import Any

import numpy as np
from cleanlab.rank import get_label_quality_scores

from benchmarks.detection.precision import Order, average_precision, intervals, looked_at_until
from benchmarks.detection.running import Published, Trained
from benchmarks.detection.settings import Noisy
from models.review.classes import ClassList
from models.review.copies import conflicting
from models.review.decisions import Status
from models.review.stopping import AuditedQueue
from models.review.verdicts import learn_from_verdicts
from models.types import LabelVector, Mask, Probs, SampleIds

PEERS = ("self_confidence", "normalized_margin")  # the better of these is to be beaten
VERDICTS = 300
REVIEWER_ERRORS = (0.0, 0.05)


def judged(run: Trained, noisy: Noisy, seed: int) -> dict[str, Any]:
    """Everything there is to say of a run, ready for JSON."""
    last = run.published[-1]
    compared = without_conflicts(last, noisy.labels)
    wrong = noisy.wrong[compared]
    suspicion = last.by_name["suspicion"][compared]
    peers = by_cleanlab(last.probabilities[compared], noisy.labels[compared])
    return {
        "n": len(compared),
        "compared": int(compared.sum()),
        "wrong": int(wrong.sum()),
        "device": run.result["device"],
        "config": run.config,
        "orders": [_order(published, noisy) for published in run.published],
        "interval": intervals(
            wrong, {"suspicion": suspicion, **{name: peers[name] for name in PEERS}}, seed
        ),
        "looked_at": {
            name: looked_at_until(wrong, order)
            for name, order in {"suspicion": suspicion, **peers}.items()
        },
        "taught": [_taught(last, noisy, compared, share, seed) for share in REVIEWER_ERRORS],
    }


def without_conflicts(published: Published, labels: LabelVector) -> Mask:
    """Images to compare scores by: exact copies under two labels are found without any."""
    compared: Mask = np.ones(len(labels), np.bool_)
    pending = np.zeros(len(labels), np.uint8)
    compared[conflicting(published.evidence.copy_group, labels, pending)] = False
    return compared


def orders_of(published: Published) -> dict[str, Order]:
    """Every score that was stored, higher being more suspect."""
    scores = {**published.by_name, **published.evidence.by_name}
    scores["confidence"] = -scores["confidence"]
    return {name: values for name, values in scores.items() if not np.isnan(values).all()}


def by_cleanlab(probabilities: Probs, labels: LabelVector) -> dict[str, Order]:
    """cleanlab's scores on the same probabilities, turned round: higher is more suspect."""

    def suspects(method: str, adjusted: bool) -> Order:
        quality: Order = get_label_quality_scores(
            labels, probabilities, method=method, adjust_pred_probs=adjusted
        )
        return -quality

    every_class = len(np.unique(labels)) == probabilities.shape[1]
    found = {name: suspects(name, False) for name in (*PEERS, "confidence_weighted_entropy")}
    if every_class:  # cleanlab cannot adjust to a class without images
        found |= {f"{name}, adjusted": suspects(name, True) for name in PEERS}
    return found


def precisions(orders: dict[str, Order], wrong: Mask) -> dict[str, float]:
    return {name: round(average_precision(wrong, order), 5) for name, order in orders.items()}


def _order(published: Published, noisy: Noisy) -> dict[str, Any]:
    compared = without_conflicts(published, noisy.labels)
    labels, wrong = noisy.labels[compared], noisy.wrong[compared]
    ours = {name: values[compared] for name, values in orders_of(published).items()}
    return {
        "seconds": round(published.seconds, 2),
        "processor_s": round(published.processor_s, 2),
        "epoch": published.epoch,
        "final": published.final,
        "ap": precisions(ours, wrong),
        "cleanlab": precisions(by_cleanlab(published.probabilities[compared], labels), wrong),
    }


def _walked(suspicion: Order, seed: int) -> SampleIds:
    """The first images of the single view: nine of the most suspect, then one at random."""
    order = np.argsort(-suspicion, kind="stable")
    queue, seen = AuditedQueue(seed), np.zeros(len(order), np.bool_)
    for _ in range(VERDICTS):
        image = queue.next_image(order, seen)
        if image is None:
            break
        seen[image.sample_id] = True
    return np.flatnonzero(seen)


def _taught(
    published: Published, noisy: Noisy, compared: Mask, error: float, seed: int
) -> dict[str, Any]:
    """A person gives verdicts as the single view shows images, some mistaken; then the rest."""
    labels = noisy.labels
    suspicion = np.where(compared, published.by_name["suspicion"], np.nan).astype(np.float32)
    looked_at = _walked(suspicion, seed)
    mistaken = np.random.default_rng(seed).random(len(looked_at)) < error
    found_wrong = noisy.wrong[looked_at] ^ mistaken
    names = tuple(str(code) for code in range(published.probabilities.shape[1]))
    status, wholesale = np.zeros(len(labels), np.uint8), np.zeros(len(labels), bool)
    status[looked_at] = np.where(found_wrong, Status.CHANGED, Status.KEPT)
    fit = learn_from_verdicts(
        published, published.by_name["anomaly"], labels, status, wholesale, ClassList.of(names)
    )
    rest = compared & (status == Status.PENDING)
    peers = by_cleanlab(published.probabilities[rest], labels[rest])
    return {
        "verdicts": len(looked_at),
        "found_wrong": int(found_wrong.sum()),
        "reviewer_error": error,
        "learned": fit.learned,
        "reason": fit.reason,
        "weights": {name: round(weight, 3) for name, weight in fit.weights.items()},
        "ap": precisions(
            {
                "taught": fit.scores[rest],
                "untaught": published.by_name["suspicion"][rest],
                **{name: peers[name] for name in PEERS},
            },
            noisy.wrong[rest],
        ),
    }
