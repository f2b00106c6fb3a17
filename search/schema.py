"""How one entry stands in Whoosh: what is indexed, stored and kept as numbers. Analysis is done before; see documents.

The fields of a document:

=============  =========================================================================================
``ref``        the object it belongs to, ``app.model:pk`` of the topmost class
``tag``        what kinds it is of: class, access key, language, facet values (the ``*_TAG`` prefixes)
``filter``     values of the model's FilterFields, as ``field NUL value``
``body``       stems of all that can be read, with weights and places
``named``      stems by field, as ``field NUL stem``: ``title`` and what ``fields=[…]`` can name
``word``       folded words: of titles and summaries all, of texts those that differ from their stem
``start``      folded words that completion begins with, as ``field NUL word``; ``NUL word`` for any field
``stored``     what a hit needs
numbers        ``object item date language length title_length flags``
=============  =========================================================================================
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from whoosh import columns, fields, formats
from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3PostingsWriter

VERSION = 3
"""Goes up when an index made by older code cannot be read any more; such an index is then built anew."""

INDEX_NAME = "INDEX"
SEPARATOR = "\x00"
CLASS_TAG, KEY_TAG, FACET_TAG, KIND_TAG = "m", "k", "f", "d"

MODEL, ENTRY, MAIN, TEASER = 1, 2, 4, 8
"""Flags: the object's document for ordinary queries; an entry of the site search; of these main ones and teasers."""

WORTH_PRESSING = 32
"""Postings from which on a block is compressed."""

NO_DATE = -(2**62)
NUMBERS = {
    "object": ("q", ">i8"),
    "item": ("q", ">i8"),
    "date": ("q", ">i8"),
    "language": ("q", ">i8"),
    "length": ("I", ">u4"),
    "title_length": ("I", ">u4"),
    "flags": ("B", "u1"),
}


class Places(formats.Format):
    """Postings that carry the places of a term as unsigned 32-bit numbers, little end first."""


class Terms(fields.FieldType):
    """A field whose value is a list of (term, weight, places) that was worked out before."""

    def __init__(self, places: bool = False) -> None:
        # Postings without places must be of Existence: of any other format, Whoosh cannot merge them.
        super().__init__(Places() if places else formats.Existence(), analyzer=None)

    def index(
        self, value: Iterable[tuple[str, float, bytes]], **kwargs: Any
    ) -> Iterator[tuple[bytes, int, float, bytes]]:
        for term, weight, places in value:
            yield term.encode(), 1, weight, places


class Listed(NamedTuple):
    """The postings of one term as they are gathered: documents ascending, weights, and places where there are any."""

    documents: array[int]
    weights: array[float]
    values: list[bytes]


Gathered = dict[str, dict[bytes, Listed]]
"""Postings by field and term."""


class PostingsWriter(W3PostingsWriter):
    """Writes whole lists at once, and presses only blocks that are worth it."""

    _ids: Any
    _compression: int

    def add_list(self, listed: Listed) -> None:
        limit = self._blocklimit
        for start in range(0, len(listed.documents), limit):
            if self._ids:
                self._write_block()
            self._ids = listed.documents[start : start + limit]
            self._weights = listed.weights[start : start + limit]
            self._values = listed.values[start : start + limit]
            self._maxweight = max(self._weights)

    def _write_block(self, last: bool = False) -> None:
        # As in Whoosh, but for the threshold, which it forgets to use.
        compression = self._compression
        self._compression = compression if len(self._ids) >= WORTH_PRESSING else 0
        super()._write_block(last)
        self._compression = compression


class FieldWriter(W3FieldWriter):
    """Takes postings that are grouped already."""

    def add_gathered(self, fields_of: fields.Schema, gathered: Gathered) -> None:
        for name in sorted(gathered):
            self.start_field(name, fields_of[name])
            for term in sorted(gathered[name]):
                self.start_term(term)
                self._postwriter.add_list(gathered[name][term])
                self.finish_term()
            self.finish_field()


class Codec(W3Codec):
    """Whoosh's own format, in longer blocks, since we read whole lists, and without statistics we keep ourselves."""

    length_stats = False

    def __init__(self) -> None:
        super().__init__(blocklimit=2048, compression=1)

    def field_writer(self, storage: Any, segment: Any) -> FieldWriter:
        return FieldWriter(self, storage, segment)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> PostingsWriter:
        return PostingsWriter(
            dbfile,
            blocklimit=self._blocklimit,
            byteids=byteids,
            compression=self._compression,
            inlinelimit=self._inlinelimit,
        )


def schema() -> fields.Schema:
    """Give the schema of every index."""
    return fields.Schema(
        ref=Terms(),
        tag=Terms(),
        filter=Terms(),
        body=Terms(places=True),
        named=Terms(),
        word=Terms(),
        start=Terms(),
        stored=fields.STORED(),
        **{name: fields.COLUMN(columns.NumericColumn(code)) for name, (code, _) in NUMBERS.items()},
    )
