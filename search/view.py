"""What one viewer's set of entries is, as an index of its own: documents outside of the set do not exist in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from search.arrays import Places, Postings
from search.kept import memory, new_number
from search.snapshot import Segment, Snapshot


class View(Snapshot):
    """Some documents of a snapshot, numbered anew from 0 in the same order. It answers as the snapshot does.

    Only ``terms`` gives those of the whole index: look whether they occur in the set.
    """

    def __init__(self, snapshot: Snapshot, mask: np.ndarray) -> None:
        # Not the snapshot's own beginning: a view reads no files.
        self.snapshot, self.folder, self.number = snapshot, snapshot.folder, snapshot.number
        self.segments = snapshot.segments
        self.documents = np.flatnonzero(mask).astype(np.int32)
        self.count = len(self.documents)
        self.live = np.ones(self.count, bool)
        self.kept: dict[Any, Any] = {}
        self._place = np.full(snapshot.count, -1, np.int32)
        self._place[self.documents] = np.arange(self.count, dtype=np.int32)
        self._name = new_number()

    def numbers(self, name: str) -> np.ndarray:
        """Give one number of every document."""
        if name not in self.kept:
            self.kept[name] = self.snapshot.numbers(name)[self.documents]
        return self.kept[name]

    @cached_property
    def languages(self) -> tuple[list[str], np.ndarray]:
        """The languages of the whole index, and the place of each document's own in that list."""
        codes, spoken = self.snapshot.languages
        return codes, spoken[self.documents]

    @cached_property
    def items(self) -> tuple[np.ndarray, int]:
        """What each document folds into, counted from 0, and the bound of these numbers."""
        return self.snapshot.folding.items[self.documents], self.snapshot.folding.item_count

    def postings(self, field: str, term: str, keep: bool = True) -> Postings:
        """Give where a term occurs in the set."""
        key = ("view", self._name, field, term)
        if (kept := memory.get(key)) is None:
            found = self.snapshot.postings(field, term, keep=False)
            at = self._place[found.documents]
            inside = at >= 0
            kept = Postings(at[inside].astype(np.int64), found.weights[inside])
            if keep:
                memory.keep(key, kept, kept.nbytes)
        return kept

    def count_of(self, field: str, term: str) -> int:
        """Give how many documents of the set hold a term."""
        key = ("count", self._name, field, term)
        if (kept := memory.get(key)) is None:
            # The list is kept too: feedback asks for most of those that it has counted.
            kept = len(self.postings(field, term).documents)
            memory.keep(key, kept, 0)
        return kept

    def places(self, term: str) -> Places:
        """Give where in the bodies of the set a term stands."""
        found = self.snapshot.places(term)
        at = self._place[found.documents]
        inside = at >= 0
        return Places(at[inside].astype(np.int64), found.places[inside])

    def place_of(self, number: int) -> tuple[Segment, int]:
        """Give the segment of a document, and its number there."""
        return self.snapshot.place_of(int(self.documents[number]))

    def stored(self, number: int) -> dict[str, Any]:
        """Give what a document stores."""
        return self.snapshot.stored(int(self.documents[number]))

    @property
    def nbytes(self) -> int:
        """Bytes this view may come to keep itself, whatever is asked; postings are in the common memory."""
        # place, live, document, slot and item, language, and the six numbers that are read
        return 4 * self.snapshot.count + (1 + 4 + 4 + 4 + 8 + 34) * self.count

    # Items

    def held(self, mask: np.ndarray) -> np.ndarray:
        """Give the items that some documents stand for, as true and false by item."""
        items, count = self.items
        held = np.zeros(count, bool)
        held[items[mask]] = True
        return held

    def by_facet(self, names: Sequence[str], mask: np.ndarray, known: np.ndarray) -> dict[str, dict[str, int]]:
        """Give, for each facet, how many of the items that some documents stand for have each value.

        A version counts for the facet of the language though it was not found, as long as it is among those ``known``.
        """
        folding = self.snapshot.folding
        counted: dict[str, dict[str, int]] = {}
        if others := [name for name in names if name != "language"]:
            held = np.zeros(folding.slot_count, bool)
            held[self._slots[mask]] = True
            counted = folding.count_by(self.snapshot, others, _bits(held))
        if len(others) < len(names):
            counts: list[int] = []
            if self.count:
                versions = self._by_language if known.all() else self._versions(known)
                found = versions & _bits(self.held(mask))
                counts = np.bitwise_count(found).sum(axis=1, dtype=np.int64).tolist()
            counted["language"] = dict(zip(self.languages[0], counts, strict=False))
        return counted

    @cached_property
    def _slots(self) -> np.ndarray:
        return self.snapshot.folding.slots[self.documents]

    @cached_property
    def _by_language(self) -> np.ndarray:
        return self._versions(self.live)

    def _versions(self, mask: np.ndarray) -> np.ndarray:
        """Give the items that some documents of each language stand for, as bits."""
        codes, spoken = self.languages
        return np.stack([_bits(self.held(mask & (spoken == number))) for number in range(len(codes))])


def _bits(mask: np.ndarray) -> np.ndarray:
    """Give true and false as bits, 64 in a number."""
    packed = np.packbits(mask, bitorder="little")
    return np.frombuffer(np.pad(packed, (0, -len(packed) % 8)).tobytes(), np.uint64)
