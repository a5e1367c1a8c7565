"""Rates, their 95 % Wilson intervals, and percentiles."""

from __future__ import annotations

from math import floor, sqrt

# Two-sided 95 % of the normal distribution.
Z = 1.959963984540054


def rate(count: int, total: int) -> float | None:
    """count / total; None, not 0, when there is nothing."""
    return count / total if total else None


def wilson(count: int, total: int) -> tuple[float | None, float | None]:
    """Lower and upper end of the Wilson interval of a share; (None, None) when it is no share."""
    if total == 0 or count > total:
        return (None, None)
    share = count / total
    centre = share + Z**2 / (2 * total)
    distance = Z * sqrt(share * (1 - share) / total + Z**2 / (4 * total**2))
    scale = 1 + Z**2 / total
    return (max(0.0, (centre - distance) / scale), min(1.0, (centre + distance) / scale))


def with_interval(name: str, count: int, total: int) -> dict:
    """{name, name_lower, name_upper} of count out of total."""
    lower, upper = wilson(count, total)
    return {name: rate(count, total), f"{name}_lower": lower, f"{name}_upper": upper}


def percentile(numbers: list[float], share: float) -> float:
    """The continuous percentile: between two neighbours, in proportion."""
    in_order = sorted(numbers)
    position = share * (len(in_order) - 1)
    below = floor(position)
    above = min(below + 1, len(in_order) - 1)
    return in_order[below] + (in_order[above] - in_order[below]) * (position - below)
