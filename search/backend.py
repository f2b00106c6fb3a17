"""The search backend: what the settings name, ``"BACKEND": "search.backend"``, with ``"PATH"`` the index's folder.

``"REPAIR": False`` keeps a process from starting threads: a missing or damaged index is not built anew by itself, and
large changes are brought in while the request waits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.core.exceptions import FieldError as DjangoFieldError
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.db.models import Model
from modelsearch.backends.base import BaseIndex, BaseSearchBackend, FieldError, FilterError
from modelsearch.index import class_is_indexed

from search import outbox
from search.compiler import AutocompleteQueryCompiler, QueryCompiler, Results
from search.configuration import configured
from search.indexing import write
from search.rebuilding import Rebuilding
from search.snapshot import Answered, Snapshot, ask
from search.store import IndexUnavailable, Store

logger = logging.getLogger(__name__)

CALLERS_FAULTS = (NotImplementedError, FieldError, FilterError, DjangoFieldError, DatabaseError)
"""What a query itself can be wrong in, or the database: no sign of a bad index."""


class Index(BaseIndex):
    """The one index of all models."""

    def get_key(self) -> str:
        return str(self.backend.store.path)

    def __str__(self) -> str:
        return self.backend.store.path.name

    def refresh(self) -> None:
        """Bring in now what waits in the outbox."""
        self.backend.refresh_indexes()

    def reset(self) -> None:
        """Put an empty index in the place of the one in use."""
        Rebuilding(self.backend.store).finish()

    def add_items(self, model: type[Model], items: Iterable[Any]) -> None:
        """Put objects into the index as they are in hand."""
        items = list(items)
        if items and class_is_indexed(model):
            store = self.backend.store
            with store.lock():
                write(store, {model: [obj.pk for obj in items]}, items)

    def delete_item(self, item: Any) -> None:
        """Take an object out of the index."""
        store = self.backend.store
        with store.lock():
            write(store, {type(item): [item.pk]}, [])


class NewIndex(Index):
    """The index while it is filled anew: each object comes once, and nobody reads."""

    def __init__(self, backend: SearchBackend) -> None:
        super().__init__(backend)
        self.rebuilding = Rebuilding(backend.store)

    def add_items(self, model: type[Model], items: Iterable[Any]) -> None:
        if class_is_indexed(model):
            self.rebuilding.add(items)


class Rebuilder:
    """What modelsearch's own command builds the index anew with."""

    def __init__(self, index: Index) -> None:
        self.backend = index.backend

    def start(self) -> NewIndex:
        self.index = NewIndex(self.backend)
        return self.index

    def finish(self) -> None:
        self.index.rebuilding.finish()


class SearchBackend(BaseSearchBackend):
    query_compiler_class = QueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler
    index_class = Index
    results_class = Results
    rebuilder_class = Rebuilder
    catch_indexing_errors = True

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__(params)
        path = params.get("PATH") or (configured() or {}).get("PATH")
        if not path:
            raise ImproperlyConfigured('search.backend needs a "PATH": the folder of its index')
        self.store = Store(Path(path))

    def refresh_indexes(self) -> None:
        """Bring in now what waits in the outbox. Raises what goes wrong."""
        outbox.drain_now()

    def reset_indexes(self) -> None:
        self.get_index_for_model(Model).reset()

    def ask(self, question: Callable[[Snapshot], Answered]) -> Answered | None:
        """Give the answer of the index, or None when it cannot be read: then the database answers."""
        try:
            return ask(self.store, question, passing=CALLERS_FAULTS)
        except IndexUnavailable as error:
            outbox.report(error)
        return None
