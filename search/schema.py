"""How one entry stands in the index: what is searched, stored and kept as numbers. Documents are made before.

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
numbers        ``object item date language length title_length flags``, and ``facets``, the same for the same values
=============  =========================================================================================
"""

from __future__ import annotations

from whoosh import fields

VERSION = 4
"""Goes up when an index made by older code cannot be read any more; such an index is then built anew."""

INDEX_NAME = "INDEX"
SEPARATOR = "\x00"
CLASS_TAG, KEY_TAG, FACET_TAG = "m", "k", "f"

MODEL, ENTRY, MAIN, TEASER = 1, 2, 4, 8
"""Flags: the object's document for ordinary queries; an entry of the site search; of these main ones and teasers."""

NO_DATE = -(2**62)
NUMBERS = {
    "object": ("q", "<i8"),
    "item": ("q", "<i8"),
    "date": ("q", "<i8"),
    "language": ("q", "<i8"),
    "facets": ("q", "<i8"),
    "length": ("I", "<u4"),
    "title_length": ("I", "<u4"),
    "flags": ("B", "u1"),
}
"""Numbers of a document, with the code of their type in memory and in a file. Those without a value are 0."""

FIELDS = ("ref", "tag", "filter", "body", "named", "word", "start")
"""Fields that are searched: of each, a document has a list of (term, weight, places)."""
PLACED = frozenset({"body"})
"""Those of them that keep where in the text a term stands."""


def schema() -> fields.Schema:
    """Give what Whoosh must know; what is in a segment is written and read in ``search.arrays``."""
    return fields.Schema(stored=fields.STORED())


def tag(*parts: str) -> str:
    """Give the term of a tag or of a filter value: its parts, set apart."""
    return SEPARATOR.join(parts)


def pack_language(code: str) -> int:
    """Give a language code of up to seven letters as a number."""
    return int.from_bytes(code.encode("ascii", "ignore")[:7].ljust(7, b"\0"), "big")


def unpack_language(number: int) -> str:
    """Give back the code that ``pack_language`` took."""
    return number.to_bytes(7, "big").rstrip(b"\0").decode("ascii")
