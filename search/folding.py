"""How entries fold into items, and how items are counted by facet: as bits, 64 items in one number.

All entries of an item carry its facets, so what matters of the documents found is which items they stand for. But a
teaser gives fewer away, and versions of an item may be filed under other topics. Documents of one item with the same
facets are therefore a *group*; the groups of an item lie in layers above each other, the first of every item in the
first layer, the second of those that have two in the second, and so on. Items with more groups come first, so that the
upper layers are short. An item has a value when a group of it that was found has it, in whichever layer: one "or" over
the layers and a count of bits for each value give exact numbers of items, in a time that does not depend on how many
were found.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from search.analysis import clean
from search.schema import ENTRY, FACET_TAG, tag

if TYPE_CHECKING:
    from search.snapshot import Snapshot

WORD = 64


class Folding:
    """The items of one commit. What is deleted or no entry has the number ``item_count - 1``, which stands for none."""

    def __init__(self, snapshot: Snapshot) -> None:
        entries = np.flatnonzero(snapshot.live & (snapshot.numbers("flags") & ENTRY > 0))
        item, facets = snapshot.numbers("item")[entries], snapshot.numbers("facets")[entries]
        # Entries of one object stand side by side: runs are far fewer than entries.
        begins = np.ones(len(entries), bool)
        begins[1:] = (item[1:] != item[:-1]) | (facets[1:] != facets[:-1])
        run = np.cumsum(begins) - 1
        order = np.lexsort((facets[begins], item[begins]))
        item, facets = item[begins][order], facets[begins][order]
        new_item = np.ones(len(order), bool)
        new_item[1:] = item[1:] != item[:-1]
        new_group = new_item.copy()
        new_group[1:] |= facets[1:] != facets[:-1]
        item_of_group = (np.cumsum(new_item) - 1)[new_group]
        groups = np.bincount(item_of_group)
        layer = np.arange(len(item_of_group)) - np.repeat(np.cumsum(groups) - groups, groups)
        by_groups = np.argsort(-groups, kind="stable")
        place = np.empty(len(groups), np.int64)
        place[by_groups] = np.arange(len(groups))

        self.item_count = len(groups) + 1
        held_by = [int(np.count_nonzero(groups > each)) for each in range(int(groups.max(initial=0)))]
        self._words = [-(-count // WORD) for count in held_by]
        offsets = np.cumsum([0, *self._words]) * WORD
        self.slot_count = int(offsets[-1]) + WORD

        slot_of_group = offsets[layer] + place[item_of_group]
        group_of_run = np.empty(len(order), np.int64)
        group_of_run[order] = np.cumsum(new_group) - 1
        self.items = np.full(snapshot.count, self.item_count - 1, np.int32)
        self.items[entries] = place[item_of_group][group_of_run][run]
        self.slots = np.full(snapshot.count, self.slot_count - 1, np.int32)
        self.slots[entries] = slot_of_group[group_of_run][run]
        self._last: tuple[tuple[str, ...], list[np.ndarray]] = ((), [])
        self._rows: dict[str, tuple[list[str], list[np.ndarray]]] = {}

    def _layers(self, bits: np.ndarray) -> list[np.ndarray]:
        """Give the bits of each layer; the last axis is that of the words."""
        return np.split(bits, np.cumsum(self._words), axis=-1)[:-1]

    def _of_facet(self, now: Snapshot, name: str) -> tuple[list[str], list[np.ndarray]]:
        """Give the values of a facet and, layer by layer, the bits of the groups that have each."""
        if name not in self._rows:
            prefix = tag(FACET_TAG, clean(name), "")
            terms = now.terms("tag", prefix)
            packed = np.zeros((len(terms), self.slot_count // WORD), np.uint64)
            for row, term in zip(packed, terms, strict=True):
                having = np.zeros(self.slot_count, bool)
                having[self.slots[now.postings("tag", term, keep=False).documents]] = True
                row[:] = np.packbits(having, bitorder="little").view(np.uint64)
            values = [term[len(prefix) :] for term in terms]
            self._rows[name] = values, [np.ascontiguousarray(layer) for layer in self._layers(packed)]
        return self._rows[name]

    def count_by(self, now: Snapshot, names: Sequence[str], held: np.ndarray) -> dict[str, dict[str, int]]:
        """Give, for each facet, how many items have each value in a group that is held.

        ``now`` is the snapshot that was folded; keeping it here would keep old ones from being forgotten.
        """
        if not self._words:
            return {name: {} for name in names}
        first, *others = [
            row & layer for row, layer in zip(self._together(now, tuple(names)), self._layers(held), strict=True)
        ]
        for words, layer in zip(self._words[1:], others, strict=True):
            first[:, :words] |= layer
        counts = iter(np.bitwise_count(first).sum(axis=1, dtype=np.int64).tolist())
        return {name: dict(zip(self._of_facet(now, name)[0], counts, strict=False)) for name in names}

    def _together(self, now: Snapshot, names: tuple[str, ...]) -> list[np.ndarray]:
        """Give the bits of several facets, layer by layer, in one."""
        last = self._last
        if last[0] != names:
            facets = [self._of_facet(now, name)[1] for name in names]
            self._last = last = names, [np.concatenate(layers) for layers in zip(*facets, strict=True)]
        return last[1]

    @cached_property
    def nbytes(self) -> int:
        """Bytes kept of the documents; each value of a facet that is counted takes an eighth byte for each item."""
        return int(self.items.nbytes + self.slots.nbytes)
