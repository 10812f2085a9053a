"""What the effect of a finding is a measure of: a number by itself says nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

_INTERVAL = " (95% interval {low} to {high})"


def effect_in_words(
    kind: str,
    topic: str,
    splits: Sequence[str],
    effect: float,
    ci95: tuple[float, float] | None,
) -> str:
    """ "20.0% of the images of test (95% interval 17.4% to 22.9%)"; "" where nothing was measured.

    The number comes first, then what it is of.
    """
    if effect != effect:
        return ""
    in_unit, words = _measure(kind, topic, ci95 is not None)
    if in_unit is _count and effect == 1:
        words = words.replace("images", "image")
    said = words.format(in_unit(effect), first=_first(splits), last=_last(splits))
    if ci95 and kind not in _OTHER_INTERVAL:
        low, high = map(in_unit, ci95)
        said += _INTERVAL.format(low=low, high=high)
    return said


def _measure(kind: str, topic: str, has_interval: bool) -> _Measure:
    if kind == "shortcut" and topic == "size" and has_interval:
        return _COMPARED
    return _MEASURES.get(f"{kind}:{topic}") or _MEASURES.get(kind) or _EXPLAINED


def _first(splits: Sequence[str]) -> str:
    return splits[0] if splits else "one split"


def _last(splits: Sequence[str]) -> str:
    return splits[-1] if splits else "the dataset"


def _share(value: float) -> str:
    return f"{value:.2%}" if 0 < abs(value) < 0.001 else f"{value:.1%}"


def _points(value: float) -> str:
    return f"{100 * value:+.1f}".replace("-", "−")


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _ratio(value: float) -> str:
    return f"{value:.2g}"


def _chance(value: float) -> str:
    """Of an area under the ROC curve, given as its distance from the middle."""
    return f"{0.5 + value:.1%}"


_Measure = tuple[Callable[[float], str], str]
_OF_IMAGES: _Measure = (_share, "{} of the images of {last}")
_EXPLAINED: _Measure = (_share, "{} of the difference from the other split explained")
_MORE_IMAGES: _Measure = (_points, "{} points: share of images of the class, less that of others")
_COMPARED: _Measure = (_share, "{} of comparisons with other classes: the class is the larger one")
_OTHER_INTERVAL = ("class_too_small",)  # of an accuracy, and the sentence says so
_MEASURES: Mapping[str, _Measure] = {
    "gap_unexplained": (_points, "{} points of accuracy, {last} less {first}"),
    "too_good": (_points, "{} points of accuracy, {last} less {first}"),
    "label_noise": (_share, "{} of the labels of {last} are wrong"),
    "class_swap": (_share, "{} or more of these images carry the label of the other class"),
    "label_offset": (_share, "{} of the images carry the label beside the right one"),
    "misaligned": (_share, "{} of predictions fit the label of another row"),
    "class_shuffled": (_share, "{} of what looks like this class is labelled so"),
    "class_absorbed": (_share, "{} of what looks like the class is labelled as the other one"),
    "order": (_share, "{} of the labels, at most, are common to two splits"),
    "label_set_mismatch": (_share, "{} of the labels, at most, are common to two splits"),
    "label_shift": (_share, "{} of the labels would have to change to make the splits alike"),
    "class_missing": (_share, "{} of the images of {last} would be of these classes"),
    **dict.fromkeys(("leak_exact", "leak_near", "related", "foreign_images"), _OF_IMAGES),
    "duplicate_exact": (_share, "{} of the images of {last} are there already"),
    "duplicate_near": (_share, "{} of the images of {last} are there already"),
    "duplicate_conflict": (_share, "{} of the labelled images"),
    "imbalance": (_share, "{} of the classes there are is what they count for"),
    "class_too_small": (_count, "{} images in the smallest class"),
    "quality": (_share, "{} of the images of the split that has most of them"),
    "unreadable": (_share, "{} of the images of the split that has most of them"),
    **dict.fromkeys(("shortcut:mark", "shortcut:grey"), _MORE_IMAGES),
    **dict.fromkeys(("shortcut:size", "shortcut:file"), _MORE_IMAGES),
    "shortcut:jpeg": (_points, "{} points: high frequencies that are missing, less in others"),
    "shortcut:values": (_ratio, "{} between 0, values spread as in other classes, and 2"),
    "shortcut:association": (_chance, "{} of comparisons, at least, told right by one property"),
    "shortcut:by split": (_points, "{} points of comparisons, {last} less the other splits"),
    "shortcut:order": (_share, "{} of the labels of {last} follow from the one before"),
}
