"""The index built anew from the database, and compared with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db.models import Model
from modelsearch.index import get_indexed_models

from search import elsewhere
from search.configuration import default_store
from search.documents import ref
from search.indexing import documents_or_none, parts_of, replay
from search.models import Change
from search.snapshot import Snapshot
from search.store import Store

PATIENCE = 600.0
"""Seconds a rebuild waits for another writer, such as a merge of a large index: all its work is at stake."""


class Rebuilding:
    """A new folder beside the index in use: it is filled, each object once, brought up to date, and swapped in."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._covered = Change.objects.ids()
        self._filling = store.fill(PATIENCE)

    def add(self, objects: Iterable[Model]) -> None:
        """Put objects into the new folder as they are in hand."""
        for obj in objects:
            self._filling.add(documents_or_none(obj))

    def finish(self) -> None:
        """Bring in what others changed meanwhile, and swap."""
        try:
            self._filling.commit()
            with self._store.lock(PATIENCE):
                replay(self._store, self._filling)
                self._filling.publish()
        except BaseException:
            self._filling.abandon()
            raise
        Change.objects.forget(self._covered)

    def abandon(self) -> None:
        """Give up and leave nothing behind."""
        self._filling.abandon()


def rebuild(store: Store | None = None, progress: Callable[[int], object] | None = None) -> int:
    """Build the index anew from the database and swap it in; give the number of objects.

    Args:
        store: Where; the default backend's if None.
        progress: Called with the number of objects done since the last call.
    """
    if store is None and elsewhere.is_elsewhere():
        return elsewhere.rebuild(progress)
    rebuilding = Rebuilding(store or default_store())
    count = 0
    try:
        for model in get_indexed_models():
            for part in parts_of(model):
                rebuilding.add(part)
                count += len(part)
                if progress:
                    progress(len(part))
    except BaseException:
        rebuilding.abandon()
        raise
    rebuilding.finish()
    return count


def verify(store: Store) -> tuple[list[str], list[str]]:
    """Give the objects that the index lacks and those it should not have, as ``app.model:pk``."""
    now = Snapshot.open(store.current() or store.path)
    held = {name for name in now.terms("ref", "") if now.live[now.postings("ref", name).documents].any()}
    should = {
        ref(model, pk)
        for model in get_indexed_models()
        for pk in model.get_indexed_objects().values_list("pk", flat=True)
    }
    return sorted(should - held), sorted(held - should)
