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
