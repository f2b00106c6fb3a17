"""The index at one commit, as arrays over all documents. A snapshot never changes; a new commit gives a new one.

Whoosh keeps the postings; here they are read whole, block by block, and kept per segment. A segment is opened once and
used by all later snapshots that still hold it; which of its documents are deleted comes from each commit's table of
contents. Whoosh's own ``refresh`` and ``reader(reuse=…)`` keep finding deleted documents and are not used.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from bisect import bisect_left
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from whoosh.codec.whoosh3 import STORED_COLUMN
from whoosh.index import TOC
from whoosh.reading import SegmentReader, TermNotFound

from search.schema import INDEX_NAME, NUMBERS, SEPARATOR, schema
from search.store import Files, IndexUnavailable, Store, check_sums, generation, stamp

logger = logging.getLogger(__name__)

KEPT_POSTINGS = 4_000_000
"""Postings kept in memory per segment and again per snapshot (8 bytes each, 4 more for each place of a phrase)."""
TRIES = 8

Answered = TypeVar("Answered")


class Postings(NamedTuple):
    """Documents that hold a term, ascending, and its weight in each."""

    documents: np.ndarray
    weights: np.ndarray


class Places(NamedTuple):
    """Where a term stands: pairs of document and place, ascending."""

    documents: np.ndarray
    places: np.ndarray


NONE = Postings(np.empty(0, np.int64), np.empty(0, np.float32))
NOWHERE = Places(np.empty(0, np.int64), np.empty(0, np.int64))


class Kept(dict[Any, Any]):
    """A memory with a bound: when it is full it is emptied, since what is asked next is as likely any other."""

    def __init__(self, bound: int) -> None:
        super().__init__()
        self.bound, self.size = bound, 0

    def keep(self, key: Any, value: Any, size: int) -> Any:
        if self.size + size > self.bound:
            self.clear()
            self.size = 0
        self[key] = value
        self.size += size + 8
        return value


class Segment:
    """One segment, opened for good."""

    def __init__(self, folder: Path, segment: Any) -> None:
        self.name = segment.segment_id()
        stamps = check_sums(folder, self.name)
        self._reader = SegmentReader(Files(str(folder)), schema(), segment)
        self._watched = [(name, file, stamps[name]) for name, file in self._read_later()]
        self.count = segment.doc_count_all()
        self._lock = threading.RLock()
        self._postings = Kept(KEPT_POSTINGS)
        self._terms: dict[tuple[str, str], list[str]] = {}
        self.numbers = {name: self._numbers(name) for name in NUMBERS}

    def _read_later(self) -> list[tuple[str, Any]]:
        """Give the files that are read bit by bit as questions come: terms, postings, stored fields."""
        terms, columns = self._reader._terms, self._reader._perdoc
        columns._cached_reader("_stored", STORED_COLUMN)  # opened now, while the file is sure to be there
        return [
            (f"{self.name}.trm", terms._dbfile),
            (f"{self.name}.pst", terms._postfile),
            (f"{self.name}._stored.col", columns._colfiles["_stored"][0]),
        ]

    def check(self) -> None:
        """Make sure that nobody has written to the files since their sums were compared. Costs some microseconds.

        Raises:
            IndexUnavailable: Somebody has.
        """
        for name, file, before in self._watched:
            if stamp(file.fileno()) != before:
                raise IndexUnavailable(f"{name} was changed after it had been opened")

    def _numbers(self, name: str) -> np.ndarray:
        values = np.zeros(self.count, np.int64)
        if self._reader.has_column(name):
            column = self._reader.column_reader(name, translate=False)
            raw = column._dbfile.get(column._basepos, column._count * column._fixedlen)
            self._reader._perdoc._colfiles.pop(name)[0].close()  # it is read whole: why keep the file open
            read = np.frombuffer(raw, NUMBERS[name][1])[: self.count]
            values[: len(read)] = read
        return values

    def _blocks(self, field: str, term: str) -> list[tuple[Any, Any, Any, int]]:
        """Give a term's blocks as Whoosh stored them: gaps between documents, weights, values, count."""
        self.check()
        try:
            matcher = self._reader.postings(field, term)
        except TermNotFound:
            return []
        blocks = []
        while matcher.is_active():
            matcher._read_data()
            blocks.append((*matcher._data, matcher._blocklength))
            matcher._next_block()
        return blocks

    def postings(self, field: str, term: str) -> Postings:
        """Give where a term occurs."""
        key = (field, term)
        if (kept := self._postings.get(key)) is not None:
            return kept
        with self._lock:
            blocks = self._blocks(field, term)
        if not blocks:
            return self._postings.keep(key, NONE, 0)
        documents = np.concatenate([np.cumsum(np.array(gaps, np.int64)) for gaps, _, _, _ in blocks])
        weights = np.concatenate(
            [
                np.array(weights, np.float32)
                if isinstance(weights, tuple)
                else np.full(count, 1.0 if weights is None else weights, np.float32)
                for _, weights, _, count in blocks
            ]
        )
        return self._postings.keep(key, Postings(documents, weights), len(documents))

    def places(self, term: str) -> Places:
        """Give where in the bodies a term stands."""
        key = ("", term)
        if (kept := self._postings.get(key)) is not None:
            return kept
        with self._lock:
            blocks = self._blocks("body", term)
        values = [value for block in blocks for value in block[2]]
        if not values:
            return self._postings.keep(key, NOWHERE, 0)
        documents = self.postings("body", term).documents
        lengths = np.fromiter((len(value) // 4 for value in values), np.int64, len(values))
        places = np.frombuffer(b"".join(values), "<u4").astype(np.int64)
        found = Places(np.repeat(documents, lengths), places)
        return self._postings.keep(key, found, 2 * len(places))

    def terms(self, field: str, prefix: str) -> list[str]:
        """Give the terms that begin with what stands before and after ``SEPARATOR``, sorted."""
        group, mark, start = prefix.partition(SEPARATOR)
        key = (field, group)
        with self._lock:
            if key not in self._terms:
                self._terms[key] = self._read_terms(field, group + mark)
        all_terms = self._terms[key]
        if not start:
            return all_terms
        first = bisect_left(all_terms, prefix)
        last = bisect_left(all_terms, prefix + "\U0010ffff")
        return all_terms[first:last]

    def _read_terms(self, field: str, prefix: str) -> list[str]:
        self.check()
        begin, found = prefix.encode(), []
        for name, text in self._reader._terms.terms_from(field, begin):
            if name != field or not text.startswith(begin):
                break
            found.append(text.decode())
        return sorted(found)

    def stored(self, number: int) -> dict[str, Any]:
        """Give what a document stores."""
        with self._lock:
            self.check()
            return self._reader.stored_fields(number)["stored"]


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
        self._postings = Kept(KEPT_POSTINGS)

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
        opened = [(known.get(part.segment_id()) or Segment(folder, part), part) for part in listed]
        return cls(folder, number, opened)

    def numbers(self, name: str) -> np.ndarray:
        """Give one number of every document."""
        if name not in self.kept:
            parts = [segment.numbers[name] for segment in self.segments]
            self.kept[name] = np.concatenate(parts) if parts else np.empty(0, np.int64)
        return self.kept[name]

    @cached_property
    def items(self) -> tuple[np.ndarray, int]:
        """What each document folds into, counted from 0, and how many there are."""
        found, ordinals = np.unique(self.numbers("item"), return_inverse=True)
        return ordinals, len(found)

    @cached_property
    def languages(self) -> tuple[list[str], np.ndarray]:
        """The languages of the live documents, and the place of each document's own in that list."""
        found, ordinals = np.unique(self.numbers("language"), return_inverse=True)
        return [unpack_language(int(code)) for code in found], ordinals

    def postings(self, field: str, term: str) -> Postings:
        """Give where a term occurs, deleted documents included."""
        key = (field, term)
        if (kept := self._postings.get(key)) is not None:
            return kept
        parts = [
            (start, found)
            for start, segment in zip(self.starts, self.segments, strict=False)
            if len((found := segment.postings(field, term)).documents)
        ]
        if not parts:
            return self._postings.keep(key, NONE, 0)
        joined = Postings(
            np.concatenate([start + found.documents for start, found in parts]),
            np.concatenate([found.weights for _, found in parts]),
        )
        return self._postings.keep(key, joined, len(joined.documents))

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

    def stored(self, number: int) -> dict[str, Any]:
        """Give what a document stores."""
        place = int(np.searchsorted(self.starts, number, side="right")) - 1
        return self.segments[place].stored(int(number - self.starts[place]))

    def numbers_of(self, ref: str) -> dict[str, list[int]]:
        """Give the document numbers of an object by segment, as a writer wants them."""
        found = {segment.name: segment.postings("ref", ref).documents for segment in self.segments}
        return {name: numbers.tolist() for name, numbers in found.items() if len(numbers)}


def pack_language(code: str) -> int:
    """Give a language code of up to seven letters as a number."""
    return int.from_bytes(code.encode("ascii", "ignore")[:7].ljust(7, b"\0"), "big")


def unpack_language(number: int) -> str:
    """Give back the code that ``pack_language`` took."""
    return number.to_bytes(7, "big").rstrip(b"\0").decode("ascii")


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
        _newest[key] = Snapshot.open(folder, _newest.get(key))
        return _newest[key]


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
        unavailable.mends = False
        raise unavailable from error


def forget_store(store: Store) -> None:
    """Drop what is held in memory of a store, so that the next search reads the files again."""
    _newest.pop((os.getpid(), str(store.path)), None)
