"""An index of its own for every test that asks for one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from search.backend import SearchBackend
from search.configuration import default_store
from search.store import Store


@pytest.fixture
def store(db: None, settings: Any, tmp_path: Path) -> Store:
    """An empty index in a folder of its own, as the default of this test."""
    settings.WAGTAILSEARCH_BACKENDS = {
        "default": {"BACKEND": "search.backend", "PATH": tmp_path / "index", "REPAIR": False}
    }
    SearchBackend({}).reset_indexes()
    return default_store()
