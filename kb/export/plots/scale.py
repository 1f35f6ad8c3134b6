"""What layouts share."""

from __future__ import annotations


def rounded(value: float) -> float:
    """Return a length with one digit, and no negative zero."""
    return round(value, 1) + 0.0
