"""What each process keeps in its memory of a few rows, for as long as nothing has changed anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection

from core.models import Generation

Made = TypeVar("Made")


class Remembered(Generic[Made]):
    """Something made from rows, made anew when the generation has moved on; asking costs one query.

    Args:
        make: Makes it from the rows as they are now. What it gives must never be changed.
    """

    _all: list[Remembered[Any]] = []

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._kept: tuple[int, Made] | None = None
        self._all.append(self)

    def __call__(self) -> Made:
        """Give it as it is now."""
        if connection.in_atomic_block:
            # What this transaction has written may be taken back, and the number it gave be given again.
            return self._make()
        number = Generation.current()
        kept = self._kept
        if kept is None or kept[0] != number:
            kept = self._kept = number, self._make()
        return kept[1]

    @classmethod
    def forget(cls, **_signal: Any) -> None:
        """Forget everything: after a flush the numbers begin anew."""
        for each in cls._all:
            each._kept = None
