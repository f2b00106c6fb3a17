"""The index at one commit, as arrays over all documents. A snapshot never changes; a new commit gives a new one.

A segment is opened once and used by all later snapshots that still hold it; which of its documents are deleted comes
from each commit's table of contents. Whoosh's own ``refresh`` and ``reader(reuse=…)`` keep finding deleted documents
and are not used.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from django.dispatch import Signal
from whoosh.index import TOC

from search.arrays import NONE, NOWHERE, SUFFIX, IndexUnavailable, Piece, Places, Postings
from search.folding import Folding
from search.kept import Kept, memory, new_number
from search.schema import INDEX_NAME, NUMBERS, schema, unpack_language
from search.store import Files, Stamp, Store, generation, stamp

logger = logging.getLogger(__name__)

KEPT_SETS = 64_000_000
"""Bytes of viewers' sets that a process keeps for one commit; one set of 100,000 entries takes about 6 MB."""
TRIES = 8

Answered = TypeVar("Answered")

older_opened = Signal()
"""An index was opened that older code has written."""


class Segment(Piece):
    """One segment, opened for good."""

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(folder, name)
        # Whoosh's names come from a generator that two processes, or tests, may have in the same state.
        self.number = new_number()
        self._verified: Stamp | None = None
        self._numbers: dict[str, np.ndarray] = {}

    def numbers(self, name: str) -> np.ndarray:
        """Give one number of every document; read once and kept."""
        if name not in self._numbers:
            self._numbers[name] = super().numbers(name)
        return self._numbers[name]

    def _found(self, field: str, term: str) -> tuple[Postings, np.ndarray, np.ndarray]:
        at = self.lexicon(field).find(term.encode("utf-8", "replace"))
        return (NONE, NOWHERE.places, NOWHERE.places) if at < 0 else self.read(field, at)

    def postings(self, field: str, term: str, keep: bool = True) -> Postings:
        """Give where a term occurs; ``keep`` it in memory for the next who asks."""
        key = (self.number, field, term)
        if (kept := memory.get(key)) is None:
            kept = self._found(field, term)[0]
            if keep:
                memory.keep(key, kept, kept.nbytes)
        return kept

    def verify(self, folder: Path) -> None:
        """Compare the whole file with its sum, once as long as nobody writes to it; see ``Snapshot.verify``."""
        seen = stamp(folder / f"{self.name}{SUFFIX}")
        if seen != self._verified:
            again = Piece(folder, self.name)
            again.compare()
            again.close()
            self._verified = seen

    def places(self, term: str) -> Places:
        """Give where in the bodies a term stands."""
        found, held, places = self._found("body", term)
        return Places(np.repeat(found.documents, held), places.astype(np.int64)) if len(held) else NOWHERE

    def terms(self, field: str, prefix: str) -> list[str]:
        """Give the terms that begin with a prefix, sorted."""
        lexicon, begin = self.lexicon(field), prefix.encode("utf-8", "replace")
        # No UTF-8 has a byte 255 in it.
        first, last = lexicon.first(begin), lexicon.first(begin + b"\xff")
        return [lexicon.term(at).decode() for at in range(first, last)]


class Snapshot:
    """All segments of one commit, their documents numbered through."""

    def __init__(self, folder: Path, number: int, segments: list[tuple[Segment, Any]]) -> None:
        self.folder, self.number = folder, number
        self.segments = [segment for segment, _ in segments]
        self.starts = np.cumsum([0] + [segment.count for segment in self.segments])
        self.count = int(self.starts[-1])
        self.live = np.ones(self.count, bool)
        for start, (_, listed) in zip(self.starts, segments, strict=False):
            gone = np.fromiter(listed.deleted_docs(), np.int64, listed.deleted_count())
            self.live[start + gone] = False
        self.kept: dict[Any, Any] = {}
        self.sets = Kept(KEPT_SETS)

    @classmethod
    def open(cls, folder: Path, newest: Snapshot | None = None) -> Snapshot:
        """Open the newest commit of a folder, with the segments that an older snapshot has open already."""
        number = generation(folder)
        if number < 0:
            raise FileNotFoundError("no table of contents")
        if newest and newest.folder == folder and newest.number >= number:
            return newest
        storage = Files(str(folder))
        listed = TOC.read(storage, INDEX_NAME, gen=number, schema=schema()).segments
        same = newest is not None and newest.folder == folder
        known = {each.name: each for each in newest.segments} if newest and same else {}
        names = [part.segment_id() for part in listed]
        opened = [(known.get(name) or Segment(folder, name), part) for name, part in zip(names, listed, strict=True)]
        return cls(folder, number, opened)

    def verify(self) -> None:
        """Compare every file with its sum, unless it looks as it did when that was last done.

        Raises:
            FileNotFoundError: One is gone: removed, or no longer needed since another process has merged it.
            IndexUnavailable: One is damaged.
        """
        try:
            TOC.read(Files(str(self.folder)), INDEX_NAME, gen=self.number, schema=schema())
            for segment in self.segments:
                segment.verify(self.folder)
        except (IndexUnavailable, OSError):
            raise
        except Exception as error:
            raise IndexUnavailable(f"the index cannot be opened: {error!r}") from error

    def numbers(self, name: str) -> np.ndarray:
        """Give one number of every document."""
        if name not in self.kept:
            parts = [segment.numbers(name) for segment in self.segments]
            none = np.empty(0, NUMBERS[name][1])
            self.kept[name] = parts[0] if len(parts) == 1 else np.concatenate([none, *parts])
        return self.kept[name]

    @cached_property
    def folding(self) -> Folding:
        """What the entries fold into."""
        return Folding(self)

    @property
    def items(self) -> tuple[np.ndarray, int]:
        """What each document folds into, counted from 0, and the bound of these numbers."""
        return self.folding.items, self.folding.item_count

    @cached_property
    def languages(self) -> tuple[list[str], np.ndarray]:
        """The languages of the documents, and the place of each document's own in that list."""
        found, ordinals = np.unique(self.numbers("language"), return_inverse=True)
        return [unpack_language(int(code)) for code in found], ordinals.astype(np.int16)

    def postings(self, field: str, term: str, keep: bool = True) -> Postings:
        """Give where a term occurs, deleted documents included; ``keep`` it in memory for the next who asks."""
        parts = [
            (start, found)
            for start, segment in zip(self.starts, self.segments, strict=False)
            if len((found := segment.postings(field, term, keep)).documents)
        ]
        if not parts:
            return NONE
        if len(parts) == 1:
            start, found = parts[0]
            return Postings(start + found.documents, found.weights) if start else found
        return Postings(
            np.concatenate([start + found.documents for start, found in parts]),
            np.concatenate([found.weights for _, found in parts]),
        )

    def count_of(self, field: str, term: str) -> int:
        """Give how many documents hold a term, deleted ones included."""
        return len(self.postings(field, term).documents)

    def places(self, term: str) -> Places:
        """Give where in the bodies a term stands, deleted documents included."""
        parts = [(start, segment.places(term)) for start, segment in zip(self.starts, self.segments, strict=False)]
        if not parts:
            return NOWHERE
        return Places(
            np.concatenate([start + found.documents for start, found in parts]),
            np.concatenate([found.places for _, found in parts]),
        )

    def terms(self, field: str, prefix: str) -> list[str]:
        """Give the terms that begin with a prefix, sorted, each once."""
        if len(self.segments) == 1:
            return self.segments[0].terms(field, prefix)
        return sorted({term for segment in self.segments for term in segment.terms(field, prefix)})

    def mask(self, field: str, term: str) -> np.ndarray:
        """Give the documents that hold a term as true and false over all."""
        mask = np.zeros(self.count, bool)
        mask[self.postings(field, term).documents] = True
        return mask

    def place_of(self, number: int) -> tuple[Segment, int]:
        """Give the segment of a document, and its number there."""
        place = int(np.searchsorted(self.starts, number, side="right")) - 1
        return self.segments[place], int(number - self.starts[place])

    def stored(self, number: int) -> dict[str, Any]:
        """Give what a document stores."""
        segment, at = self.place_of(number)
        return segment.stored(at)

    def numbers_of(self, ref: str) -> dict[str, list[int]]:
        """Give the document numbers of an object by segment, as a writer wants them."""
        found = {segment.name: segment.postings("ref", ref).documents for segment in self.segments}
        return {name: numbers.tolist() for name, numbers in found.items() if len(numbers)}

    @property
    def nbytes(self) -> int:
        """Bytes that are kept of each document and of the terms, whatever is asked."""
        own = sum(each.nbytes for each in self.kept.values() if isinstance(each, np.ndarray))
        parts = sum(each.nbytes for piece in self.segments for each in piece._numbers.values())
        return own + parts + sum(piece.nbytes for piece in self.segments) + self.count


_newest: dict[tuple[int, str], Snapshot] = {}
_opening = threading.Lock()


def snapshot(store: Store) -> Snapshot:
    """Give the index as it is now.

    Raises:
        IndexUnavailable: It is missing, damaged, or cannot be opened.
    """
    for attempt in range(TRIES):
        try:
            return _snapshot(store)
        except FileNotFoundError as error:
            # Another process may have committed or swapped between our reading the list and opening the file.
            if attempt == TRIES - 1:
                raise IndexUnavailable(f"a file of the index is missing: {error}") from error
            time.sleep(0.01 * (attempt > 2))
        except IndexUnavailable:
            raise
        except Exception as error:
            raise IndexUnavailable(f"the index cannot be opened: {error!r}") from error
    raise AssertionError("unreachable")


def _snapshot(store: Store) -> Snapshot:
    folder = store.current()
    if folder is None:
        raise IndexUnavailable("there is no index yet")
    key = (os.getpid(), str(store.path))
    newest = _newest.get(key)
    if newest and newest.folder == folder and newest.number == generation(folder):
        return newest
    with _opening:
        newest = _newest.get(key)
        _newest[key] = now = Snapshot.open(folder, newest)
        if newest and newest is not now:
            newest.sets.clear()  # they and their snapshot hold each other
    if store.is_older(folder):
        older_opened.send(Snapshot)
    return now


def ask(store: Store, question: Callable[[Snapshot], Answered], passing: tuple[type[Exception], ...] = ()) -> Answered:
    """Give the answer to a question about the index as it is now.

    A file may be damaged after it was opened. Whatever a question dies of, other than by ``passing``, the files are
    therefore opened and compared once more: if they are bad, that is said; if they are good, the fault is the code's.

    Raises:
        IndexUnavailable: There is no answer from the index.
    """
    passed: tuple[type[Exception], ...] = (IndexUnavailable, *passing)
    try:
        return question(snapshot(store))
    except passed:
        raise
    except Exception:
        forget_store(store)
    try:
        return question(snapshot(store))
    except passed:
        raise
    except Exception as error:
        logger.exception("The search failed over a sound index")
        unavailable = IndexUnavailable(f"the search failed: {type(error).__name__}")
        unavailable.mends = store.is_older(store.current() or store.path)
        raise unavailable from error


def forget_store(store: Store) -> None:
    """Drop what is held in memory of a store, so that the next search reads the files again."""
    if newest := _newest.pop((os.getpid(), str(store.path)), None):
        newest.sets.clear()
