"""What the name of an array says: what it holds, of which split, and which piece of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

IMAGES, LABELS, NAMES, IDS, OTHER = "images", "labels", "class names", "ids", "other"
TRAIN, VAL, TEST = "train", "val", "test"

SPLIT_WORDS = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev"), VAL),
    **dict.fromkeys(("test", "testing", "t10k", "eval", "evaluation", "holdout"), TEST),
    **{word: word for word in ("unlabeled", "unlabelled", "labeled", "labelled", "extra")},
}
LEARNT_SPLITS = frozenset((TRAIN, "labeled", "labelled"))  # the others only check

_ROLES = {
    **dict.fromkeys(("images", "image", "imgs", "img", "x", "pixels"), IMAGES),
    **dict.fromkeys(("labels", "label", "y", "targets", "target", "given"), LABELS),
    **dict.fromkeys(("category", "class"), LABELS),
    **dict.fromkeys(("names", "classes", "categories", "classnames"), NAMES),
    **dict.fromkeys(("id", "ids", "index", "indices", "path", "paths"), IDS),
    **dict.fromkeys(("file", "files", "filename", "filenames"), IDS),
    **dict.fromkeys(("mask", "masks", "segmentation", "boxes", "bboxes", "bbox"), OTHER),
    **dict.fromkeys(("weight", "weights", "embedding", "embeddings"), OTHER),
}
_CLASS_WORDS = frozenset(("classes", "categories", "classnames"))
_TARGETS = frozenset(("target", "targets"))
_OF_DOMAINS = frozenset(("x", "y", "images", "labels", "label"))
# These tell something only where no word above does: "y_data" holds labels.
_WEAK_ROLES = dict.fromkeys(("data", "dataset", "features", "inputs"), IMAGES)
PIECES = frozenset(("batch", "shard", "part", "chunk", "piece", "block"))
SETS = frozenset(("set", "fold", "split"))  # a number after these belongs to the name
_DIGITS = 18  # of a number in a name
_SAYS_NOTHING = re.compile(r"idx\d?|ubyte|\d+x\d+(x\d+)?|u?int\d+|float\d+|of|hot|one|onehot")
_RUN_TOGETHER = re.compile(
    r"(x|y|images|labels|data)?(train|test|val|valid)(x|y|images|labels|data|set)?"
)


@dataclass(frozen=True)
class Meaning:
    """A name taken apart. Two arrays of one piece of one split differ in their role alone."""

    role: str
    split: str  # "train", "val", "test", ...; empty if the name tells none
    split_word: str  # as it was spelled
    rest: tuple[str, ...]  # words that are neither role nor split
    numbers: tuple[int, ...]
    whole: str  # the name without its role, to call a split by

    @property
    def is_piece(self) -> bool:
        """Whether numbers tell pieces of one split ("data_batch_3"), not splits ("set_2")."""
        return bool(self.split) or set(self.rest) <= PIECES

    @property
    def piece(self) -> tuple[str, tuple[str, ...], tuple[int, ...]]:
        return self.split_word, self.rest, self.numbers


def meaning(name: str) -> Meaning:
    """What a name such as "x_train", "test/images" or "data_batch_1/labels" says."""
    words = words_of(name)
    strong = [word for word in words if word in _ROLES]
    if _is_domain(name, strong):  # "x_target" beside "x_source" holds images, no labels
        strong = [word for word in strong if word not in _TARGETS]
    weak = [word for word in words if word in _WEAK_ROLES]
    # The last telling word decides: "train_images" holds images, "image_labels" labels.
    role = _ROLES[strong[-1]] if strong else _WEAK_ROLES[weak[-1]] if weak else ""
    if role == NAMES and _names_files(name):
        role = IDS
    split_word = _split_word(name)
    telling = {*strong, *_WEAK_ROLES, split_word}
    kept = [word for word in words if word not in telling]
    numbered_set = any(word in SETS and after.isdecimal() for word, after in pairwise(words))
    split = SPLIT_WORDS.get(split_word, "")
    if split and numbered_set:  # "test_set_2" is no piece of "test"
        split = split_word = "_".join([split_word, *kept])
        kept = []
    return Meaning(
        role,
        split,
        split_word,
        tuple(word for word in kept if not word.isdecimal()),
        tuple(int(word[:_DIGITS]) for word in kept if word.isdecimal()),
        "_".join([split_word] * bool(split_word) + kept),
    )


def words_of(name: str) -> list[str]:
    """The words of a name in lower case; numbers are words of their own."""
    return [word for step in name.split("/") for word in _words_of_step(step)]


def is_for_classes(name: str) -> bool:
    """Whether a list of names is one of classes ("label_names"), not of columns."""
    return meaning(name).role == NAMES and not {"feature", "column"} & set(words_of(name))


def is_of_target(name: str) -> bool:
    """Whether a name speaks of targets, be it labels or a domain."""
    return not _TARGETS.isdisjoint(words_of(name))


def may_name_images(name: str) -> bool:
    """Whether it is left open what names are those of ("names", not "class_names")."""
    words = words_of(name.rpartition("/")[2])
    of_classes = any(word in _CLASS_WORDS or _ROLES.get(word) == LABELS for word in words)
    return meaning(name).role == NAMES and not of_classes


def _names_files(name: str) -> bool:
    """Whether names are of images ("file_names"), not of classes ("image_class_names")."""
    *before, last = [w for w in words_of(name.rpartition("/")[2]) if w in _ROLES] or [""]
    return last == "names" and bool(before) and _ROLES[before[-1]] in (IDS, IMAGES)


def _is_domain(name: str, strong: list[str]) -> bool:
    """Whether "target" only tells whose images or labels these are, as "source" does."""
    step = [word for word in words_of(name.rpartition("/")[2]) if word in _ROLES] or strong
    others = [word for word in step if word not in _TARGETS]
    return not _TARGETS.isdisjoint(strong) and bool(others) and others[-1] in _OF_DOMAINS


def _split_word(name: str) -> str:
    """The split word nearest to the end of a path; in one step of it the first."""
    for step in reversed(name.split("/")):
        for word in _words_of_step(step):
            if word in SPLIT_WORDS:
                return word
    return ""


def _words_of_step(step: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", step).lower()
    apart = re.sub(r"held[\W_]?out|hold[\W_]out", "holdout", apart)
    words: list[str] = []
    for word in re.split(r"[\W_]+", apart):
        together = _RUN_TOGETHER.fullmatch(word)
        if together:
            words += [part for part in together.groups() if part]
        elif word in SPLIT_WORDS:
            words.append(word)
        elif not _SAYS_NOTHING.fullmatch(word):
            words += re.findall(r"\d+|\D+", word)
    return words
