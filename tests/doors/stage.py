"""Sets the scenario up once for many tests, in a transaction that is taken back at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.cache import cache
from django.db import transaction
from django.test import override_settings

from core.audience import check_integrity
from tests import engine
from tests.doors.scenario import World, build


@contextmanager
def staged(folder: Path) -> Iterator[World]:
    """The scenario, with an index and a media folder of its own. The database must be unblocked."""
    index = engine.backends(folder / "index")
    cache.clear()  # what was cached for a generation of the database that was taken back
    with override_settings(WAGTAILSEARCH_BACKENDS=index, MEDIA_ROOT=folder / "media"), transaction.atomic():
        world = build()
        assert check_integrity() == []
        yield world
        transaction.set_rollback(True)
    cache.clear()
