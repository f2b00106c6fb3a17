"""One segment of the index as one file of arrays, checked piece by piece as it is read.

Whoosh keeps the list of segments, their deletions and the commits; what is in a segment is written and read here, as
plain arrays that need no decoding. A file is made of sections::

    postings      of each field, term after term: documents, weights, and places with their number for each document
    stored        of each document, what a hit shows: a checksum and compressed JSON
    lexicon       of each field: its terms, sorted, and where their postings are, with a checksum of each
    numbers       of each name in ``NUMBERS``: one value for each document
    directory     where the sections are and their checksums, as JSON
    tail          where the directory is and its checksum

Nothing is believed unless its checksum is right, whenever it is read: junk must not become an answer. The file is read
with ``pread`` and not mapped into memory, since a mapped file that somebody cuts short kills the process.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, repeat
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from search.schema import FIELDS, NUMBERS, PLACED

SUFFIX = ".arrays"
_TAIL = struct.Struct("<8sQII")
_MAGIC = b"INDEX 4\n"
_SUM = struct.Struct("<I")
_STRIDE = 1 << 22
PRESSED = 3
"""How hard what documents store is compressed, from 1 to 9; more makes it hardly smaller."""


class IndexUnavailable(Exception):
    """The index cannot be read or written: it is missing, damaged or not ours to touch."""

    mends = True
    """Whether building the index anew can help."""


class Postings(NamedTuple):
    """Documents that hold a term, ascending, and its weight in each."""

    documents: np.ndarray
    weights: np.ndarray

    @property
    def nbytes(self) -> int:
        return self.documents.nbytes + self.weights.nbytes


class Places(NamedTuple):
    """Where a term stands: pairs of document and place, ascending."""

    documents: np.ndarray
    places: np.ndarray


NONE = Postings(np.empty(0, np.int64), np.empty(0, np.float32))
NOWHERE = Places(np.empty(0, np.int64), np.empty(0, np.int64))

Term = tuple[str, float, bytes]
"""A term of a document as it is written: the term, its weight, its places as unsigned 32-bit numbers."""


# Writing


class Gathered:
    """The postings of one field while they are gathered, as columns of numbers."""

    def __init__(self, placed: bool) -> None:
        self.placed = placed
        self.terms: dict[str, int] = defaultdict(count().__next__)
        self.term, self.document, self.weight = array("I"), array("I"), array("f")
        self.held, self.places = array("I"), bytearray()

    def add(self, document: int, terms: Sequence[Term]) -> None:
        """Take up the terms of one document; documents come in ascending order."""
        if not terms:
            return
        names, weights, places = zip(*terms, strict=True)
        self.term.extend(map(self.terms.__getitem__, names))
        self.weight.extend(weights)
        self.document.extend(repeat(document, len(names)))
        if self.placed:
            self.held.extend(len(each) // 4 for each in places)
            self.places += b"".join(places)

    def add_list(self, term: str, found: Postings, held: np.ndarray, places: np.ndarray) -> None:
        """Take up one term's postings of another segment, its documents numbered anew."""
        number = self.terms[term]
        self.term.frombytes(np.full(len(found.documents), number, np.uint32).tobytes())
        self.document.frombytes(found.documents.astype(np.uint32).tobytes())
        self.weight.frombytes(found.weights.astype(np.float32).tobytes())
        if self.placed:
            self.held.frombytes(held.astype(np.uint32).tobytes())
            self.places += places.astype("<u4").tobytes()

    def sorted(self) -> tuple[list[bytes], np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Give the terms in order, how many postings each has, and the columns of the postings in that order."""
        names = [name.encode() for name in self.terms]
        by_name = sorted(range(len(names)), key=names.__getitem__)
        rank = np.empty(len(names), np.uint32)
        rank[by_name] = np.arange(len(names), dtype=np.uint32)
        term = rank[np.frombuffer(self.term, np.uint32)]
        order = np.argsort(term, kind="stable")
        documents = np.frombuffer(self.document, np.uint32)[order]
        weights = np.frombuffer(self.weight, np.float32)[order]
        held: Any = np.empty(0, np.uint32)
        places: Any = held
        if self.placed:
            before = np.frombuffer(self.held, np.uint32).astype(np.int64)
            starts = np.cumsum(before) - before
            held = before[order]
            picked = np.repeat(starts[order] - (np.cumsum(held) - held), held) + np.arange(int(held.sum()))
            places = np.frombuffer(self.places, "<u4")[picked]
        counts = np.bincount(term, minlength=len(names))
        return [names[at] for at in by_name], counts, documents, weights, held.astype(np.uint32), places


class _Summed:
    """A file that is written, with the checksum of all that was written so far."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.total = file, 0

    def write(self, content: bytes | bytearray) -> int:
        self.total = zlib.crc32(content, self.total)
        return self._file.write(content)


class PieceWriter:
    """Gathers the documents of one segment and writes them into one file."""

    def __init__(self) -> None:
        self.fields = {name: Gathered(name in PLACED) for name in FIELDS}
        self.numbers = {name: array(code) for name, (code, _) in NUMBERS.items()}
        self.stored: list[bytes] = []

    def add(self, document: Mapping[str, Any]) -> None:
        """Take up one document, as ``search.documents`` makes them."""
        number = len(self.stored)
        for name, field in self.fields.items():
            field.add(number, document.get(name, ()))
        for name, values in self.numbers.items():
            values.append(int(document.get(name, 0)))
        raw = json.dumps(document["stored"], ensure_ascii=False).encode("utf-8", "surrogatepass")
        self.stored.append(zlib.compress(raw, PRESSED))

    def merge(self, piece: Piece, gone: Iterable[int]) -> None:
        """Take up the documents of another segment but for those that are deleted.

        Raises:
            IndexUnavailable: Its file is damaged; what is damaged would get a good checksum here.
        """
        alive = np.ones(piece.count, bool)
        alive[list(gone)] = False
        renumbered = np.cumsum(alive) - 1 + len(self.stored)
        for name, field in self.fields.items():
            lexicon = piece.lexicon(name)
            for at in range(len(lexicon)):
                found, held, places = piece.read(name, at)
                keep = alive[found.documents]
                if not keep.any():
                    continue
                left = Postings(renumbered[found.documents[keep]], found.weights[keep])
                if field.placed:
                    held, places = held[keep], places[np.repeat(keep, held)]
                field.add_list(lexicon.term(at).decode(), left, held, places)
        for name, values in self.numbers.items():
            values.frombytes(piece.numbers(name)[alive].astype(values.typecode).tobytes())
        self.stored.extend(piece.record(int(at)) for at in np.flatnonzero(alive))

    def write(self, path: Path) -> None:
        """Write the file and close it."""
        directory: dict[str, list[int]] = {}
        with open(path, "wb", buffering=1 << 20) as opened:
            file, at = _Summed(opened), 0

            def section(name: str, content: bytes) -> None:
                nonlocal at
                directory[name] = [at, len(content), zlib.crc32(content)]
                at += file.write(content)

            lexicons = {}
            for name, field in self.fields.items():
                if field.terms:
                    postings, lexicons[name] = _field(*field.sorted(), at)
                    at += file.write(postings)
                    field.__init__(field.placed)  # type: ignore[misc]  # its memory is needed for the next
            starts = array("Q", [at])
            for record in self.stored:
                at += file.write(_SUM.pack(zlib.crc32(record))) + file.write(record)
                starts.append(at)
            section("stored", starts.tobytes())
            for name, lexicon in lexicons.items():
                section(f"lexicon {name}", lexicon)
            for name, values in self.numbers.items():
                section(f"numbers {name}", np.array(values, NUMBERS[name][1]).tobytes())
            told = {"count": len(self.stored), "whole": file.total, "sections": directory}
            content = json.dumps(told).encode()
            file.write(content)
            file.write(_TAIL.pack(_MAGIC, at, len(content), zlib.crc32(content)))


def _field(
    names: list[bytes],
    counts: np.ndarray,
    documents: np.ndarray,
    weights: np.ndarray,
    held: np.ndarray,
    places: np.ndarray,
    begin: int,
) -> tuple[bytearray, bytes]:
    """Give the postings of a field as they stand in the file from ``begin`` on, and its lexicon."""
    ends = np.cumsum(counts)
    firsts = ends - counts
    equal = np.minimum.reduceat(weights, firsts) == np.maximum.reduceat(weights, firsts)
    one = np.where(equal, weights[firsts], np.nan).astype("<f4")
    columns = [
        memoryview(each.astype(dtype).tobytes())
        for each, dtype in ((documents, "<u4"), (weights, "<f4"), (held, "<u4"), (places, "<u4"))
    ]
    before = np.concatenate([[0], np.cumsum(held, dtype=np.int64)])
    first_place = before[np.append(firsts, ends[-1])].tolist() if len(held) else []
    postings = bytearray()
    starts, sums = array("Q"), array("I")
    for number, (first, last, same) in enumerate(zip(firsts.tolist(), ends.tolist(), equal.tolist(), strict=True)):
        starts.append(begin + len(postings))
        parts = [columns[0][4 * first : 4 * last]]
        if not same:
            parts.append(columns[1][4 * first : 4 * last])
        if first_place:
            parts.append(columns[2][4 * first : 4 * last])
            parts.append(columns[3][4 * first_place[number] : 4 * first_place[number + 1]])
        total = 0
        for part in parts:
            total = zlib.crc32(part, total)
            postings += part
        sums.append(total)
    starts.append(begin + len(postings))
    bounds = np.cumsum([0, *map(len, names)], dtype="<u4")
    lexicon = [struct.pack("<I", len(names)), bounds.tobytes(), counts.astype("<u4").tobytes(), one.tobytes()]
    return postings, b"".join([*lexicon, sums.tobytes(), starts.tobytes(), *names])


# Reading


class Lexicon:
    """The terms of one field, sorted, and where their postings are."""

    def __init__(self, content: bytes) -> None:
        view = memoryview(content)
        (self._count,) = struct.unpack_from("<I", content)
        at = 4

        def column(code: str, length: int) -> Any:
            nonlocal at
            begin, at = at, at + length * struct.calcsize(code)
            return view[begin:at].cast(code)  # type: ignore[call-overload]

        self._bounds = column("I", self._count + 1)
        self.counts, self.weights = column("I", self._count), column("f", self._count)
        self.sums, self.starts = column("I", self._count), column("Q", self._count + 1)
        self._names = view[at:]

    def __len__(self) -> int:
        return self._count

    def term(self, at: int) -> bytes:
        return bytes(self._names[self._bounds[at] : self._bounds[at + 1]])

    def first(self, term: bytes) -> int:
        """Give the place of the first term that is not before this one."""
        return bisect_left(range(self._count), term, key=self.term)

    def find(self, term: bytes) -> int:
        """Give the place of a term, -1 when it is not there."""
        at = self.first(term)
        return at if at < self._count and self.term(at) == term else -1


_EMPTY = Lexicon(bytes(4 + 4 + 8))


class Piece:
    """The file of one segment, opened for good."""

    def __init__(self, folder: Path, name: str) -> None:
        """
        Raises:
            FileNotFoundError: It is not there.
            IndexUnavailable: It is damaged.
        """
        self.name = name
        self._file = open(folder / f"{name}{SUFFIX}", "rb", buffering=0)  # noqa: SIM115 - open as long as this lives
        self._handle = self._file.fileno()
        end = os.fstat(self._handle).st_size - _TAIL.size
        magic, begin, length, total = _TAIL.unpack(self._read(max(end, 0), _TAIL.size))
        if magic != _MAGIC or begin + length != end:
            raise self._damaged("its end")
        directory = json.loads(self._checked(begin, length, total, "the directory"))
        self.count: int = directory["count"]
        self._whole: tuple[int, int] = begin, directory["whole"]
        self._sections: dict[str, list[int]] = directory["sections"]
        self._lexicons: dict[str, Lexicon] = {}
        self._stored: memoryview | None = None

    def _damaged(self, what: str) -> IndexUnavailable:
        return IndexUnavailable(f"{self.name}{SUFFIX} is not what was written: {what}")

    def _read(self, begin: int, length: int) -> bytes:
        content = os.pread(self._handle, length, begin)
        if len(content) != length:
            raise self._damaged("it is too short")
        return content

    def _checked(self, begin: int, length: int, total: int, what: str) -> bytes:
        content = self._read(begin, length)
        if zlib.crc32(content) != total:
            raise self._damaged(what)
        return content

    def _section(self, name: str) -> bytes:
        begin, length, total = self._sections[name]
        return self._checked(begin, length, total, name)

    def numbers(self, name: str) -> np.ndarray:
        """Give one number of every document."""
        return np.frombuffer(self._section(f"numbers {name}"), NUMBERS[name][1])

    def lexicon(self, field: str) -> Lexicon:
        """Give the terms of a field; read once and kept."""
        if field not in self._lexicons:
            name = f"lexicon {field}"
            self._lexicons[field] = Lexicon(self._section(name)) if name in self._sections else _EMPTY
        return self._lexicons[field]

    @property
    def nbytes(self) -> int:
        """Bytes of the lexicons and offsets that are kept in memory."""
        read = [f"lexicon {name}" for name in self._lexicons] + ["stored"] * (self._stored is not None)
        return sum(self._sections[name][1] for name in read if name in self._sections)

    def read(self, field: str, at: int) -> tuple[Postings, np.ndarray, np.ndarray]:
        """Give the postings of a term, how many places each document has, and the places."""
        lexicon = self.lexicon(field)
        begin, count = lexicon.starts[at], lexicon.counts[at]
        content = self._checked(begin, lexicon.starts[at + 1] - begin, lexicon.sums[at], field)
        documents = np.frombuffer(content, "<u4", count).astype(np.int64)
        past, weight = 4 * count, lexicon.weights[at]
        if weight == weight:
            weights = np.full(count, weight, np.float32)
        else:
            weights = np.frombuffer(content, "<f4", count, past)
            past += 4 * count
        if field not in PLACED:
            return Postings(documents, weights), NOWHERE.places, NOWHERE.places
        held = np.frombuffer(content, "<u4", count, past)
        return Postings(documents, weights), held, np.frombuffer(content, "<u4", offset=past + 4 * count)

    def record(self, number: int) -> bytes:
        """Give what a document stores, still compressed."""
        if self._stored is None:
            self._stored = memoryview(self._section("stored")).cast("Q")
        begin, end = self._stored[number], self._stored[number + 1]
        content = self._read(begin, end - begin)
        if zlib.crc32(memoryview(content)[_SUM.size :]) != _SUM.unpack_from(content)[0]:
            raise self._damaged("a document")
        return content[_SUM.size :]

    def stored(self, number: int) -> dict[str, Any]:
        """Give what a document stores."""
        found: dict[str, Any] = json.loads(zlib.decompress(self.record(number)).decode("utf-8", "surrogatepass"))
        return found

    def compare(self) -> None:
        """Compare all of the file with its checksum. Raises ``IndexUnavailable``."""
        length, total = self._whole
        found = 0
        for begin in range(0, length, _STRIDE):
            found = zlib.crc32(self._read(begin, min(_STRIDE, length - begin)), found)
        if found != total:
            raise self._damaged("the whole")

    def close(self) -> None:
        self._file.close()
