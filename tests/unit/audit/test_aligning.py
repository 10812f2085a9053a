"""Where one image lies in another: found again after it was shifted and stretched."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.audit.aligning import aligned, blurred, laid_over

SIDE = 28
BLURS = (2, 2, 2, 0, 0, 0)


def pictures(n: int) -> torch.Tensor:
    """(n, side, side) smooth, all different."""
    noise = torch.rand((n, 1, SIDE, SIDE), generator=torch.Generator().manual_seed(0))
    return 2_000 * blurred(noise - 0.5, 6)[:, 0]


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(
    st.floats(-0.12, 0.12),
    st.floats(-0.12, 0.12),
    st.floats(-1.5, 1.5),
    st.floats(-1.5, 1.5),
    st.floats(0.5, 1.5),
)
def test_shift_and_stretch_are_found_whatever_the_gain(
    wider: float, higher: float, right: float, down: float, gain: float
) -> None:
    second = pictures(4)
    place = torch.tensor([[wider, higher, right, down]]).repeat(4, 1)
    first = gain * laid_over(second[:, None], place)[0][:, 0] + 30
    found = aligned(first, second, torch.zeros_like(place), BLURS)
    assert torch.allclose(found.median(dim=0).values, place[0], atol=0.05)


def test_an_image_lies_where_it_is() -> None:
    images = pictures(3)
    place = aligned(images, images, torch.zeros((3, 4)), BLURS)
    laid, inside = laid_over(images[:, None], place)
    assert torch.allclose(laid[:, 0], images, atol=0.5)
    assert inside.mean() > 0.9


def test_what_lies_outside_is_known() -> None:
    _, inside = laid_over(pictures(1)[:, None], torch.tensor([[0.0, 0.0, 7.0, 0.0]]))
    assert inside[0, 0, :, -7:].sum() == 0
    assert inside[0, 0, :, : SIDE - 7].mean() == 1


@pytest.mark.parametrize("value", [0.0, 200.0])
def test_a_plain_image_is_laid_somewhere(value: float) -> None:
    plain = torch.full((1, SIDE, SIDE), value)
    place = aligned(plain, pictures(1), torch.zeros((1, 4)), BLURS)
    assert torch.isfinite(place).all()
