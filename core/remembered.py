"""What each process keeps in its memory of the search words, for as long as nobody has changed them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from core.models import Generation

Made = TypeVar("Made")


class Remembered(Generic[Made]):
    """Something made from search words, made anew when their generation has moved on; asking costs one query.

    Args:
        make: Makes it from the rows as they are now. What it gives must never be changed.
    """

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._kept: tuple[int, Made] | None = None

    def __call__(self) -> Made:
        """Give it as it is now."""
        number, kept = Generation.current(Generation.WORDS), self._kept
        if kept is None or kept[0] != number:
            # The number was read before the rows: they may be newer than it says, never older.
            kept = self._kept = number, self._make()
        return kept[1]
