"""The documents a search may know of: all that is found, counted and offered comes from inside such a set."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import Model

from search.arrays import Postings
from search.documents import object_numbers
from search.kept import memory, new_number
from search.schema import ENTRY, KEY_TAG, TEASER, tag
from search.snapshot import Snapshot
from search.view import View


class DocumentSet:
    """The documents a search may know of."""

    def __init__(self, snapshot: Snapshot, mask: np.ndarray) -> None:
        self.snapshot = snapshot
        self.mask = mask & snapshot.live
        self.is_whole = bool(self.mask.all())
        self._name = new_number()

    @cached_property
    def count(self) -> int:
        return int(np.count_nonzero(self.mask))

    @cached_property
    def average_length(self) -> float:
        return self._average("length")

    @cached_property
    def average_title_length(self) -> float:
        return self._average("title_length")

    @cached_property
    def languages(self) -> list[str]:
        """The languages of the set; of others it may not even be known that they are there."""
        codes, spoken = self.snapshot.languages
        return [codes[number] for number in np.unique(spoken[self.mask])]

    def _average(self, name: str) -> float:
        total = int(self.snapshot.numbers(name)[self.mask].sum())
        return max(total / self.count, 1.0) if self.count else 1.0

    def known(self, key: Hashable) -> Any:
        """Give what was worked out before over this set; nothing where the set is not a whole index or view."""
        return memory.get(("set", self._name, key)) if self.is_whole else None

    def keep(self, key: Hashable, value: Any, size: int) -> Any:
        """Keep what was worked out, of so many bytes, for the next who asks over the same set; give it back."""
        return memory.keep(("set", self._name, key), value, size) if self.is_whole else value

    def count_of(self, field: str, term: str) -> int:
        """Give how many documents of the set hold a term."""
        if self.is_whole:
            return self.snapshot.count_of(field, term)
        return len(self.inside(self.snapshot.postings(field, term)).documents)

    def inside(self, found: Postings) -> Postings:
        """Give the part of a posting list that lies in the set."""
        if self.is_whole:
            return found
        keep = self.mask[found.documents]
        return Postings(found.documents[keep], found.weights[keep])


def settled(documents: DocumentSet, waiting: Mapping[type[Model], Sequence[Any]]) -> DocumentSet:
    """Leave out objects that have changed since they were indexed: who may read them may be what changed."""
    if not waiting:
        return documents
    changed = np.concatenate([object_numbers(model, pks) for model, pks in waiting.items()])
    return DocumentSet(documents.snapshot, documents.mask & ~np.isin(documents.snapshot.numbers("object"), changed))


def viewer_set(now: Snapshot, keys: frozenset[str] | None) -> DocumentSet:
    """Give the entries a viewer may know of: those under his or her keys, and teasers of what is under none of them.

    They are a ``View``: numbered anew, so that in all that follows nothing else exists.
    """
    if (kept := now.sets.get(keys)) is not None:
        return kept
    flags, objects = now.numbers("flags"), now.numbers("object")
    entries = now.live & (flags & ENTRY > 0)
    if keys is not None:
        allowed = np.zeros(now.count, bool)
        for key in keys:
            allowed[now.postings("tag", tag(KEY_TAG, key), keep=False).documents] = True
        entries &= allowed
    teaser = entries & (flags & TEASER > 0)
    if teaser.any():
        open_too = np.isin(objects, np.unique(objects[entries & ~teaser]))
        entries &= ~(teaser & open_too)
    view = View(now, entries)
    return now.sets.keep(keys, DocumentSet(view, view.live), view.nbytes)
