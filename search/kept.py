"""What a process keeps in memory of the index, within bounds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from itertools import count
from typing import Any

MEMORY = 160_000_000
"""Bytes of postings and what is worked out of them that a process keeps, over all indexes, commits and viewers."""


class Kept:
    """A memory with a bound in bytes. When it is full, what has not been asked for longest goes first."""

    OVERHEAD = 250
    """Bytes that a kept value costs beside its own, about."""

    def __init__(self, bound: int) -> None:
        self.bound, self.size = bound, 0
        self._values: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any) -> Any:
        with self._lock:
            if (kept := self._values.get(key)) is None:
                return None
            self._values.move_to_end(key)
            return kept[0]

    def clear(self) -> None:
        with self._lock:
            self._values.clear()
            self.size = 0

    def keep(self, key: Any, value: Any, size: int) -> Any:
        """Keep a value and give it back. One that is larger than the memory is not kept."""
        size += self.OVERHEAD
        if size > self.bound:
            return value
        with self._lock:
            self.size += size - self._values.pop(key, (None, 0))[1]
            self._values[key] = (value, size)
            while self.size > self.bound:
                self.size -= self._values.popitem(last=False)[1][1]
        return value


memory = Kept(MEMORY)

new_number = count().__next__
"""Gives a number that nothing else in this process has, to keep by it what is known of a thing."""
