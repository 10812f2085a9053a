"""Single wrong labels of a split: how many, by a model and by what the other splits teach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.audit.crossing import Taught
from models.audit.finding import Finding, Remedy, Severity
from models.audit.material import AuditMaterial, Predictions
from models.audit.wording import listed, within
from models.review.intervals import wilson
from models.types import LabelVector, Mask, SampleIds

_CHECK = "labels"
FEWEST = 100  # labelled images of a split, for its labels to be judged
_SUREST = 0.1, 0.25  # of a split, of which the model is right, if of any: few of many images
_ENOUGH_SUREST = 100
# Mistakes of a model among these, of those among all; measured .00 and .02 on Fashion-MNIST,
# .15 and .28 on CIFAR-10, 1,000 clean images a split.
_OWN_MISTAKES = 0.2, 0.35
_SUREST_LEARNT = 0.25, 0.22  # the same of images it learnt from; .00 and .18
# Both are so where it contradicts as many labels it never saw; where it seldom does, its mistakes
# are rarer still among the surest: .00 on 600 and on 1,800 images of digits and Fashion-MNIST.
_CONTRADICTS, _OF_THESE = (0.2, 0.4), (0.25, 1.0)
_LEARNT = 0.45  # agreement beyond chance; measured .52 on CIFAR-10 with 1,000 images, .33 if noisy
_NOTABLE, _SERIOUS = 0.01, 0.1  # share of wrong labels
_HALF = 0.5  # of a split, from which on it counts as learnt from
_Z95 = 1.959964
# Standard errors: of a share that accuses by comparison, and of the same among the surest.
_Z_COMPARED, _Z_SURE = 3.0, 1.644854
_CONFIDENCE = 0.95
_BY_PEOPLE = (
    "Labels from several people who were paid by the image: most are right, and nobody looked "
    "twice."
)
_ONE_BY_ONE = Remedy("Go through the images in the order of suspicion; the first are mostly wrong.")


class SingleWrongLabels:
    """Counts them split by split, by whichever of three ways tells most of that split."""

    def __init__(
        self,
        material: AuditMaterial,
        seen: Predictions | None,
        known: Mask,
        taught: Sequence[Taught],
    ) -> None:
        self._material, self._seen, self._known = material, seen, known
        self._taught = {one.split: one for one in taught}
        agrees = _with_unseen(material, seen, known) if seen else 0.0
        chance = 1 / len(material.class_names)
        self._weak = agrees < chance + _LEARNT * (1 - chance)
        self._own = float(np.interp(1 - agrees, _CONTRADICTS, _OF_THESE))
        self.unclear: list[str] = []  # splits of which nothing could be said
        self.unlike: list[str] = []  # those that look otherwise than what they are compared with
        self.waiting: list[str] = []  # of which what is wrong with whole classes hides the rest

    def of(self, code: int, *, damaged: bool) -> Finding | None:
        """What is to be said of a split, if anything; `damaged`: of whole classes something is."""
        material, split = self._material, self._material.splits[code]
        taught = self._taught.get(split)
        silent = self.unclear
        if taught and taught.tells and damaged:
            silent, taught = self.waiting, None
        elif taught and not taught.looks_alike:
            silent, taught = self.unlike, None
        compared = _beside_others(material, taught) if taught and not damaged else None
        seen = self._seen
        if seen is None:
            if taught is None or not taught.tells:
                silent.append(split)
            return compared
        ids = np.flatnonzero(self._known & (material.split_codes == code))
        if compared is not None and (self._weak or seen.trained[ids].mean() > _HALF):
            return compared  # what was learnt by heart makes a model agree with wrong labels
        surest = _surest(material, seen, ids, self._own)
        if surest.ci95[0] >= _NOTABLE and not self._weak:
            return _noise(material, seen, split, surest)
        worse = _worse_than_unseen(material, seen, self._known, code)
        if worse is not None or not (self._weak or surest.unclear):
            return worse
        if compared is None:
            silent.append(split)
        return compared


@dataclass(frozen=True)
class _Surest:
    """The images of a split a model is surest of, and those whose label contradicts it."""

    n: int
    wrong: SampleIds
    looks: LabelVector  # what the model says of these
    share: float  # of all labels of the split that are wrong
    ci95: tuple[float, float]
    unclear: bool  # contradicted, but no more than by a model that is often wrong


def _beside_others(material: AuditMaterial, taught: Taught) -> Finding | None:
    """Wrong labels by which a split agrees less with the others than these do among themselves.

    A classifier is right of a share u of labels that are right, and by chance of a share c of
    wrong ones; so the share that it agrees with, a = (1 - w) u + w c, tells w. Images that are
    only harder are those it is not sure of: where it is, it has to be contradicted more often too.
    """
    if not taught.tells:
        return None
    scale = taught.usual - taught.by_chance
    share, error = (taught.usual - taught.agreement) / scale, taught.error / scale
    surely = taught.sure_wrong - taught.usually_sure_wrong
    if share - _Z_COMPARED * error < _NOTABLE or surely < _Z_SURE * taught.sure_error:
        return None
    least, most = np.clip((share - _Z95 * error, share + _Z95 * error), 0, 1).tolist()
    said = taught.probabilities.argmax(axis=1)
    contradicted = np.flatnonzero(said != material.labels[taught.ids])
    confidence = taught.probabilities[contradicted].max(axis=1)
    return Finding(
        _CHECK,
        "label_noise",
        Severity.ERROR if least >= _SERIOUS else Severity.WARNING,
        _CONFIDENCE,
        f"About {share:.0%} of the labels of {taught.split} are wrong ({least:.1%} to {most:.1%}): "
        f"a classifier that learnt from {listed(taught.learnt_from)} alone foretells "
        f"{taught.agreement:.0%} of these labels, and {taught.usual:.0%} of those of "
        f"{listed(taught.usual_of)} that were kept from it.",
        _BY_PEOPLE,
        _ONE_BY_ONE,
        (taught.split,),
        effect=share,
        ci95=(least, most),
        samples=taught.ids[contradicted[np.argsort(-confidence, kind="stable")]],
    )


def _with_unseen(material: AuditMaterial, seen: Predictions, known: Mask) -> float:
    """Share of images it did not learn from whose label a model agrees with, in the split where it
    agrees most. Where that is little beyond chance, its being sure means nothing."""
    right = seen.probabilities.argmax(axis=1) == material.labels
    by_split = [
        float(right[here].mean())
        for code in range(len(material.splits))
        if (here := known & ~seen.trained & (material.split_codes == code)).sum() >= FEWEST
    ]
    return max(by_split, default=0.0)


def _surest(
    material: AuditMaterial, seen: Predictions, ids: SampleIds, own_share: float
) -> _Surest:
    """Compare the labels of a split with what a model says of the images it is surest of.

    A model's own mistakes grow rare there; wrong labels do not. If it were wrong of a share m of
    all images, it would be of at most r m of the surest, where r was measured on clean data, and
    is but `own_share` of that for a good model; labels of which w are wrong add to both. So the
    shares of labels that contradict it, s of the surest and a of all, tell w = (s - r a) / (1 - r).
    What is wrong where images look alike is missed.
    """
    confidence = seen.probabilities[ids].max(axis=1)
    part = float(np.clip(_ENOUGH_SUREST / len(ids), *_SUREST))
    own = float(np.interp(part, _SUREST, _OWN_MISTAKES))
    if seen.trained[ids].mean() > _HALF:  # the surest of all are those whose label was learnt
        part, own = _SUREST_LEARNT
    own *= own_share
    surest = ids[np.argsort(-confidence, kind="stable")[: round(part * len(ids))]]
    predicted = seen.probabilities.argmax(axis=1).astype(np.int32)
    wrong = predicted[surest] != material.labels[surest]
    low, high = wilson(int(wrong.sum()), len(surest))
    by_model = own * float((predicted[ids] != material.labels[ids]).mean())
    of_labels = (np.array([low, wrong.mean(), high]) - by_model) / (1 - own)
    least, share, most = np.clip(of_labels, 0, 1).tolist()
    unclear = least < _NOTABLE <= low
    return _Surest(
        len(surest), surest[wrong], predicted[surest[wrong]], share, (least, most), unclear
    )


def _noise(material: AuditMaterial, seen: Predictions, split: str, surest: _Surest) -> Finding:
    low, high = surest.ci95
    most = _pairs(material, material.labels[surest.wrong], surest.looks)
    is_learnt = seen.trained[surest.wrong].any()
    about, known = ("at least", ", though it learnt from them") if is_learnt else ("about", "")
    return Finding(
        _CHECK,
        "label_noise",
        Severity.ERROR if low >= _SERIOUS else Severity.WARNING,
        _CONFIDENCE,
        within(
            split,
            material.splits,
            f"{about} {surest.share:.0%} of the labels are wrong ({low:.1%} to {high:.1%}): of the "
            f"{surest.n:,} images the model is surest of{known}, it contradicts "
            f"{len(surest.wrong):,}{most}.",
        ),
        _BY_PEOPLE,
        _ONE_BY_ONE,
        (split,),
        effect=surest.share,
        ci95=surest.ci95,
        samples=surest.wrong,
    )


def _worse_than_unseen(
    material: AuditMaterial, seen: Predictions, known: Mask, code: int
) -> Finding | None:
    """Wrong labels of a split a model learnt from and yet agrees with less than with others.

    What is learnt by heart makes it agree more. Compared with the unseen split it agrees with
    least, for that one may be harder; so this is the least there can be.
    """
    wrong = seen.probabilities.argmax(axis=1) != material.labels
    here, split = known & (material.split_codes == code), material.splits[code]
    unseen = [
        wrong[others]
        for other in range(len(material.splits))
        if (others := known & ~seen.trained & (material.split_codes == other)).sum() >= FEWEST
    ]
    if not unseen or seen.trained[here].mean() <= _HALF:
        return None
    hardest = max(unseen, key=lambda one: float(one.mean()))
    n, m, ours, theirs = here.sum(), len(hardest), wrong[here].mean(), hardest.mean()
    error = _Z95 * np.sqrt(ours * (1 - ours) / n + theirs * (1 - theirs) / m)
    least, share, most = np.clip([ours - theirs + by for by in (-error, 0, error)], 0, 1).tolist()
    if least < _NOTABLE:
        return None
    contradicted = np.flatnonzero(here & wrong)
    confidence = seen.probabilities[contradicted].max(axis=1)
    return Finding(
        _CHECK,
        "label_noise",
        Severity.ERROR if least >= _SERIOUS else Severity.WARNING,
        _CONFIDENCE,
        f"At least {share:.0%} of the labels of {split} are wrong ({least:.1%} to {most:.1%}): "
        f"the model agrees with {1 - ours:.0%} of these labels, which it learnt from, and with "
        f"{1 - theirs:.0%} or more of those it never saw.",
        _BY_PEOPLE,
        _ONE_BY_ONE,
        (split,),
        effect=share,
        ci95=(least, most),
        samples=contradicted[np.argsort(-confidence, kind="stable")],
    )


def _pairs(material: AuditMaterial, given: LabelVector, said: LabelVector) -> str:
    """The most frequent mistake, where one stands out."""
    pairs, counts = np.unique(np.stack([given, said]), axis=1, return_counts=True)
    most = int(counts.argmax())
    if counts[most] < 0.3 * counts.sum() or counts[most] < 3:
        return ""
    label, looks = (material.class_names[code] for code in pairs[:, most])
    return f", most often {looks} labelled {label}"
