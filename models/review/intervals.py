"""Confidence intervals for shares counted on few images."""

from __future__ import annotations

import math

_Z95 = 1.959964


def wilson(n_right: float, n: float, z: float = _Z95) -> tuple[float, float]:
    """Wilson score interval of a share, 95% unless another `z` is given.

    Returns (low, high) in [0, 1]; (0, 1) if nothing was counted. `n` is a whole number unless the
    images were weighted: then it is how many they are worth.

    References
    ----------
    Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    if not 0 <= n_right <= n:
        raise ValueError(f"{n_right} of {n} is no share")
    if n == 0:
        return 0.0, 1.0
    share, spread = n_right / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    reach = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    # The share itself is always inside; rounding may leave 1 just above its interval.
    return max(0.0, min(centre - reach, share)), min(1.0, max(centre + reach, share))


def paired_difference(
    both: int, only_after: int, only_before: int, neither: int
) -> tuple[float, float]:
    """95% interval of how much larger a share is after than before, on the same images.

    Parameters
    ----------
    both, only_after, only_before, neither : int
        Images counted at both times, at one of them, at none.

    Returns
    -------
    (low, high) in [-1, 1]; (-1, 1) if nothing was counted.

    Notes
    -----
    Newcombe's method 10: Wilson's limits of the two shares, put together as their correlation
    asks. Unlike the textbook's interval it holds for shares near 1 and for few images.

    References
    ----------
    Newcombe (1998), "Improved confidence intervals for the difference between binomial
    proportions based on paired data", Statistics in Medicine 17.
    """
    n = both + only_after + only_before + neither
    if n == 0:
        return -1.0, 1.0
    after, before = (both + only_after) / n, (both + only_before) / n
    low_after, high_after = wilson(both + only_after, n)
    low_before, high_before = wilson(both + only_before, n)
    phi = _correlation(both, only_after, only_before, neither)

    def reach(a: float, b: float) -> float:
        return math.sqrt(max(0.0, a * a - 2 * phi * a * b + b * b))

    difference = after - before
    return (
        max(-1.0, difference - reach(after - low_after, high_before - before)),
        min(1.0, difference + reach(high_after - after, before - low_before)),
    )


def _correlation(both: int, only_a: int, only_b: int, neither: int) -> float:
    """Phi of a 2x2 table, with Newcombe's correction where it is positive."""
    n = both + only_a + only_b + neither
    margins = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    if margins == 0:
        return 0.0
    product: float = both * neither - only_a * only_b
    if product > 0:
        product = max(product - n / 2, 0)
    return product / math.sqrt(margins)
