"""Which causes an image has, and how naming one changes them."""

import numpy as np
import pytest

from models.review.causes import (
    BUILT_IN,
    MOST_CAUSES,
    Remark,
    causes_of,
    marked,
    toggled,
    with_cause,
)


def test_a_remark_comes_back_from_its_text():
    for remark in (
        Remark("blurred"),
        Remark("größer", on=False),
        Remark(note="two “lines”\nof it"),
    ):
        assert Remark.from_text(remark.text()) == remark


@pytest.mark.parametrize("text", ['{"cause": 5}', "[]", '{"why": "x"}', "blurred", '{"on": "yes"}'])
def test_what_is_no_remark_is_refused(text):
    with pytest.raises(ValueError, match=r"no remark|Expecting value"):
        Remark.from_text(text)


def test_naming_a_cause_gives_it_to_those_that_lack_it_and_else_takes_it_away():
    marks, ids = np.array([1, 0, 1], np.uint32), np.arange(3)
    changing, on = toggled(marks, ids, 0)
    assert (changing.tolist(), on) == ([1], True)
    changing, on = toggled(np.ones(3, np.uint32), ids, 0)
    assert (changing.tolist(), on) == ([0, 1, 2], False)


def test_the_last_of_all_causes_has_a_bit_too():
    mark = marked(np.zeros(1, np.uint32), MOST_CAUSES - 1, on=True)
    names = tuple(f"cause {at}" for at in range(MOST_CAUSES))
    assert causes_of(names, int(mark[0])) == (names[-1],)
    assert marked(mark, MOST_CAUSES - 1, on=False).tolist() == [0]


def test_a_new_cause_stands_at_the_end_while_there_is_room():
    assert with_cause(BUILT_IN, "glare") == (*BUILT_IN, "glare")
    assert with_cause(BUILT_IN, "blurred") == BUILT_IN
    full = tuple(f"cause {at}" for at in range(MOST_CAUSES))
    assert with_cause(full, "glare") == full
