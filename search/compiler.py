"""Ordinary modelsearch queries: which objects of a queryset's model match, and what comes back from the database."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db.models.expressions import Col
from django.db.models.functions import Extract
from django.db.models.lookups import Lookup
from django.db.models.sql.where import WhereNode
from modelsearch.backends.base import (
    BaseSearchQueryCompiler,
    BaseSearchResults,
    FilterFieldError,
    SearchFieldError,
)
from modelsearch.backends.database.fallback import (
    DatabaseSearchQueryCompiler,
    DatabaseSearchResults,
)
from modelsearch.query import Phrase, PlainText

from search import values
from search.documents import object_numbers
from search.engine import Engine
from search.filters import Filters, keys_of, model_documents, narrowed
from search.schema import SEPARATOR
from search.snapshot import Snapshot

AT_ONCE = 500
"""Objects that are loaded in one query."""


@dataclass
class Found:
    """What one query found; kept by its compiler, since every slice of the results is a new object."""

    scores: np.ndarray
    snapshot: Snapshot
    hits: np.ndarray
    """In the order of the index; enough for counting."""
    order: Callable[[], np.ndarray]

    @cached_property
    def documents(self) -> np.ndarray:
        """Best first, or as the queryset orders."""
        return self.hits[self.order()]


class QueryCompiler(BaseSearchQueryCompiler):
    """A query over one model, in whole words."""

    DEFAULT_OPERATOR = "or"
    HANDLES_ORDER_BY_EXPRESSIONS = True
    BEGINNINGS = False

    _found: Found | None = None

    def check(self) -> None:
        """Refuse what the caller must mend: fields that are not searched, filters and orders that are not declared."""
        allowed = {each.field_name for each in self._named_fields()}
        for name in self.fields or ():
            if name not in allowed:
                model = self.queryset.model.__name__
                raise SearchFieldError(
                    f'Cannot search with field "{name}". Please add index.'
                    f'{"AutocompleteField" if self.BEGINNINGS else "SearchField"}("{name}") to {model}.search_fields.',
                    field_name=name,
                )
        self._check_where(self.queryset.query.where)
        list(self._get_order_by())

    def _named_fields(self) -> list[Any]:
        model = self.queryset.model
        if self.BEGINNINGS:
            return model.get_autocomplete_search_fields()
        return model.get_searchable_search_fields()

    def _check_where(self, node: Any) -> None:
        if isinstance(node, WhereNode):
            for child in node.children:
                self._check_where(child)
        elif isinstance(node, Lookup):
            column = node.lhs.lhs if isinstance(node.lhs, Extract) else node.lhs
            if isinstance(column, Col) and not column.target.attname.endswith("_ptr_id"):
                self._check_column(column)

    def _check_column(self, column: Col) -> None:
        if column.target.primary_key or self._is_declared_relation(column):
            return
        self._get_filter_field_path_for_column(column)

    def _is_declared_relation(self, column: Col) -> bool:
        """Say whether the column is the far side of a many-to-many field that is itself a FilterField."""
        model = self.queryset.model
        for each in model.get_filterable_search_fields():
            try:
                relation = each.get_field(model)
            except FieldDoesNotExist:
                continue
            through = getattr(getattr(relation, "remote_field", None), "through", None)
            if through is not None and column.target.model is through:
                return True
        return False

    def found(self, snapshot: Snapshot) -> Found:
        """Evaluate, once for each commit."""
        if self._found is None or self._found.snapshot is not snapshot:
            self._found = self._evaluate(snapshot)
        return self._found

    def _evaluate(self, snapshot: Snapshot) -> Found:
        documents = model_documents(snapshot, self.queryset.model)
        engine = Engine(documents, fields=self.fields, beginnings=self.BEGINNINGS)
        match = engine.match(self.query)
        hits = np.flatnonzero(match.mask)
        try:
            hits = Filters(snapshot, self.queryset).keep(hits)
        except EmptyResultSet:
            hits = hits[:0]
        return Found(match.scores, snapshot, hits, lambda: self._order(snapshot, hits, match.scores[hits]))

    def _order(self, snapshot: Snapshot, hits: np.ndarray, scores: np.ndarray) -> np.ndarray:
        numbers = snapshot.numbers("object")[hits]
        if self.order_by_relevance:
            return np.lexsort((-numbers, -scores))
        if self.queryset.query.order_by or self.queryset.query.extra_order_by:
            return self._ordered(snapshot, hits)
        return np.argsort(-numbers)

    def _ordered(self, snapshot: Snapshot, hits: np.ndarray) -> np.ndarray:
        """Give the order of the database: it alone knows collation, nulls and expressions."""
        queryset = narrowed(self.queryset, snapshot, hits)
        ids = object_numbers(queryset.model, queryset.values_list("pk", flat=True))
        # Where an object comes more than once, its first place counts.
        known, first = np.unique(ids, return_index=True)
        numbers = snapshot.numbers("object")[hits]
        at = np.minimum(np.searchsorted(known, numbers), max(len(known) - 1, 0))
        place = np.where(known[at] == numbers, first[at], len(ids)) if len(known) else np.zeros(len(hits))
        return np.argsort(place, kind="stable")


class AutocompleteQueryCompiler(QueryCompiler):
    """A query over one model in beginnings of words, over its AutocompleteFields."""

    DEFAULT_OPERATOR = "and"
    BEGINNINGS = True


class FallbackCompiler(DatabaseSearchQueryCompiler):
    """The same query as a plain match of titles in the database, for when the index cannot be read."""

    def check(self) -> None:
        """Nothing to refuse: the database can answer any filter."""

    def get_fields_names(self) -> Iterator[str]:
        """Give the first searchable field that stands in the database, or the title."""
        names = list(super().get_fields_names())
        yield from (["title"] if "title" in names else names[:1])

    def build_single_term_filter(self, term: str) -> Any:
        return super().build_single_term_filter(term.replace("\x00", ""))

    def build_database_filter(self, query: Any, boost: float = 1.0) -> Any:
        if isinstance(query, (PlainText, Phrase)):
            text = query.query_string.encode("utf-8", "replace").decode().replace("\x00", " ")
            if not text.strip() or not self.fields_names:
                return "_NONE_"
            terms = text.split()[:20] if isinstance(query, PlainText) else [text]
            combine = self.OPERATORS[getattr(query, "operator", "and")]
            return combine([self.build_single_term_filter(term[:200]) for term in terms])
        return super().build_database_filter(query, boost)


class Results(BaseSearchResults):
    """What a query found, lazily, as objects of the queryset's model."""

    supports_facet = True

    def _fallback(self) -> DatabaseSearchResults:
        asked = self.query_compiler
        compiler = FallbackCompiler(
            asked.queryset,
            asked.query,
            fields=None,
            order_by_relevance=asked.order_by_relevance,
        )
        results = DatabaseSearchResults(self.backend, compiler)
        results.start, results.stop, results._score_field = self.start, self.stop, self._score_field
        return results

    def _do_count(self) -> int:
        count = self.backend.ask(lambda now: len(self.query_compiler.found(now).hits[self.start : self.stop]))
        return self._fallback().count() if count is None else count

    def _do_search(self) -> Iterable[Any]:
        keyed = self.backend.ask(self._keys)
        return list(self._fallback()) if keyed is None else self._load(keyed)

    def _chosen(self, now: Snapshot) -> np.ndarray:
        return self.query_compiler.found(now).documents[self.start : self.stop]

    def _keys(self, now: Snapshot) -> list[tuple[Any, float]]:
        """Give key and score of each chosen object."""
        found, chosen = self.query_compiler.found(now), self._chosen(now)
        return list(zip(keys_of(now, self.model, chosen), found.scores[chosen].tolist(), strict=True))

    def _load(self, keyed: list[tuple[Any, float]]) -> list[Any]:
        queryset = self.query_compiler.queryset._chain()
        queryset.query.clear_limits()
        by_key: dict[Any, Any] = {}
        for start in range(0, len(keyed), AT_ONCE):
            keys = [key for key, _ in keyed[start : start + AT_ONCE]]
            by_key.update((each.pk, each) for each in queryset.filter(pk__in=keys).order_by())
        objects = []
        for key, score in keyed:
            if (obj := by_key.get(key)) is not None:
                if self._score_field:
                    setattr(obj, self._score_field, score)
                objects.append(obj)
        return objects

    def facet(self, field_name: str) -> OrderedDict[Any, int]:
        """Give how many of the results have each value of a FilterField, most first."""
        declared = self.query_compiler._get_filterable_field(field_name)
        if declared is None:
            raise FilterFieldError(
                f'Cannot facet search results with field "{field_name}". Please add index.FilterField'
                f"('{field_name}') to {self.model.__name__}.search_fields.",
                field_name=field_name,
            )
        counts = self.backend.ask(lambda now: self._counts(now, declared.field_name + SEPARATOR))
        return self._fallback().facet(field_name) if counts is None else counts

    def _counts(self, now: Snapshot, prefix: str) -> OrderedDict[Any, int]:
        mask = np.zeros(now.count, bool)
        is_whole = not self.start and self.stop is None
        mask[self.query_compiler.found(now).hits if is_whole else self._chosen(now)] = True
        counts = {}
        for each in now.terms("filter", prefix):
            if held := int(np.count_nonzero(mask[now.postings("filter", each).documents])):
                counts[values.decode(each[len(prefix) :])] = held
        return OrderedDict(sorted(counts.items(), key=lambda pair: -pair[1]))
