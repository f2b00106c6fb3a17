"""An index of its own for every test that asks for one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search import outbox
from search.backend import SearchBackend
from search.configuration import default_store
from search.store import Store
from tests.search.shelf.models import Note


@pytest.fixture
def store(db: None, settings: Any, tmp_path: Path) -> Store:
    """An empty index in a folder of its own, as the default of this test."""
    settings.WAGTAILSEARCH_BACKENDS = {
        "default": {"BACKEND": "search.backend", "PATH": tmp_path / "index", "REPAIR": False}
    }
    SearchBackend({}).reset_indexes()
    return default_store()


@pytest.fixture
def shelve(store: Store) -> Callable[..., Note]:
    """Put a note on the shelf and into the index."""

    def put(title: str, body: str = "", **fields: Any) -> Note:
        note = Note.objects.create(title=title, body=body, **fields)
        outbox.drain_now()
        return note

    return put
