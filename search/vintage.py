"""Which code an index was written by.

``schema.VERSION`` says what cannot be read at all. An index of the same version can still lack what newer code writes:
a stored text, a field that a model has got since. It goes on answering, and is built anew by itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from modelsearch.index import get_indexed_models

WRITERS = (
    *("analysis.py", "arrays.py", "documents.py", "english.py", "entries.py", "schema.py", "values.py"),
    *("stopwords/__init__.py", "stopwords/*.txt"),
)
"""The files of this room that decide what stands in the index."""


def _sources() -> int:
    """Give a number that changes with the code as it stands on the disk now."""
    found = 0
    room = Path(__file__).parent
    for pattern in WRITERS:
        for path in sorted(room.glob(pattern)):
            found = zlib.crc32(path.read_bytes(), found)
    return found


LOADED = _sources()


@cache
def vintage() -> str:
    """Give the mark of this process's code and of the fields that its models index, as eight letters."""
    models = [(model._meta.label, _told(model.get_search_fields())) for model in get_indexed_models()]
    return f"{zlib.crc32(repr(sorted(models)).encode(), LOADED):08x}"


def _told(fields: Iterable[Any]) -> list[Any]:
    told = [
        (type(each).__name__, each.field_name, getattr(each, "boost", None), _told(getattr(each, "fields", ())))
        for each in fields
    ]
    return sorted(told, key=repr)


def is_overtaken() -> bool:
    """Say whether newer code lies on the disk than this process runs: then it is not for us to say what is old."""
    return _sources() != LOADED
