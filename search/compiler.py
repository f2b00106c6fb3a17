"""Ordinary modelsearch queries: which documents of a queryset's model may match, and what comes back from the database.

A queryset's filters are answered by the index as far as they are plain comparisons of the model's own FilterFields
(exact, in, lt, lte, gt, gte, range, isnull, startswith, joined by and, or, not). Any other filter is answered by the
database: the ids of the queryset become a mask before anything is counted. Both are exact.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db.models import QuerySet
from django.db.models.expressions import Col
from django.db.models.functions import Extract
from django.db.models.lookups import Lookup
from django.db.models.sql.where import NothingNode, WhereNode
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
from search.documents import object_numbers, tag
from search.engine import DocumentSet, Engine
from search.schema import CLASS_TAG, MODEL, SEPARATOR
from search.snapshot import Snapshot

logger = logging.getLogger(__name__)

FEW = 500
"""Objects that are named one by one in a question to the database."""


class AskTheDatabase(Exception):
    """This filter is not one the index can answer."""


def _term(name: str, value: Any) -> str:
    return tag(name, values.encode(value))


def _comparison(kind: str, lookup: str) -> Callable[[str, str], bool]:
    if kind not in values.SORTS_LIKE_THE_DATABASE:
        raise AskTheDatabase
    return {
        "lt": lambda mine, bound: mine < bound,
        "lte": lambda mine, bound: mine <= bound,
        "gt": lambda mine, bound: mine > bound,
        "gte": lambda mine, bound: mine >= bound,
    }[lookup]


class Filters:
    """A queryset's filters, answered as masks over a snapshot."""

    def __init__(self, snapshot: Snapshot, queryset: QuerySet[Any]) -> None:
        self.snapshot, self.queryset = snapshot, queryset
        self.fields = {
            each.get_attname(queryset.model): each.field_name for each in queryset.model.get_filterable_search_fields()
        }

    def mask(self) -> np.ndarray:
        """Give the documents that pass the filters."""
        query = self.queryset.query
        if query.is_sliced or query.distinct_fields or query.combinator:
            return self._by_ids()
        try:
            return self._node(query.where)
        except AskTheDatabase:
            return self._by_ids()

    def _by_ids(self) -> np.ndarray:
        queryset = self.queryset
        if not queryset.query.is_sliced:
            queryset = queryset.order_by()
        numbers = object_numbers(queryset.model, queryset.values_list("pk", flat=True))
        return np.isin(self.snapshot.numbers("object"), numbers)

    def _node(self, node: Any) -> np.ndarray:
        if isinstance(node, NothingNode):
            return np.zeros(self.snapshot.count, bool)
        if isinstance(node, WhereNode):
            parts = [self._node(child) for child in node.children]
            combine = {"AND": np.logical_and, "OR": np.logical_or}.get(node.connector)
            if combine is None:
                raise AskTheDatabase
            mask = combine.reduce(parts) if parts else np.ones(self.snapshot.count, bool)
            return ~mask if node.negated else mask
        if not isinstance(node, Lookup) or not isinstance(node.lhs, Col):
            raise AskTheDatabase
        return self._lookup(self._field_name(node.lhs), str(node.lookup_name), node.rhs)

    def _field_name(self, column: Col) -> str:
        """Give the FilterField of a column, if it is the model's own or inherited: one value for each object."""
        table: Any = self.queryset.query.alias_map[column.alias]
        while table.parent_alias is not None:
            joined = table.join_field
            if not getattr(joined.remote_field, "parent_link", False):
                raise AskTheDatabase
            table = self.queryset.query.alias_map[table.parent_alias]
        name = self.fields.get(column.target.attname)
        if name is None or column.target.many_to_many or column.target.attname.endswith("_ptr_id"):
            raise AskTheDatabase
        return name

    def _lookup(self, name: str, lookup: str, value: Any) -> np.ndarray:
        if hasattr(value, "resolve_expression") or hasattr(value, "as_sql"):
            raise AskTheDatabase
        if lookup == "exact":
            return self.snapshot.mask("filter", _term(name, value))
        if lookup == "in":
            return self._any(_term(name, each) for each in value if each is not None)
        if lookup == "isnull":
            null = self.snapshot.mask("filter", _term(name, None))
            return null if value else ~null
        if lookup == "range":
            low, high = value
            return self._range(name, "gte", low) & self._range(name, "lte", high)
        if lookup in {"lt", "lte", "gt", "gte"}:
            return self._range(name, lookup, value)
        if lookup == "startswith" and len(value) <= values.LONGEST_TEXT:
            return self._any(self.snapshot.terms("filter", tag(name, "s" + values.text_value(value))))
        raise AskTheDatabase

    def _range(self, name: str, lookup: str, value: Any) -> np.ndarray:
        bound = _term(name, value)
        kind = bound[len(name) + 1]
        compare = _comparison(kind, lookup)
        terms = self.snapshot.terms("filter", tag(name, kind))
        return self._any(each for each in terms if compare(each, bound))

    def _any(self, terms: Iterable[str]) -> np.ndarray:
        mask = np.zeros(self.snapshot.count, bool)
        for each in terms:
            mask[self.snapshot.postings("filter", each).documents] = True
        return mask


def model_documents(snapshot: Snapshot, model: type[Any]) -> DocumentSet:
    """Give the documents that answer ordinary queries for a model and what inherits from it."""
    key = ("model", model._meta.concrete_model._meta.label_lower)
    if key not in snapshot.kept:
        mask = snapshot.mask("tag", tag(CLASS_TAG, key[1]))
        snapshot.kept[key] = DocumentSet(snapshot, mask & (snapshot.numbers("flags") == MODEL))
    return snapshot.kept[key]


@dataclass
class Found:
    """What one query found; kept by its compiler, since every slice of the results is a new object."""

    scores: np.ndarray
    snapshot: Snapshot
    documents: np.ndarray
    """Best first, or as the queryset orders."""


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
        try:
            mask = match.mask & Filters(snapshot, self.queryset).mask()
        except EmptyResultSet:
            mask = np.zeros(snapshot.count, bool)
        hits = np.flatnonzero(mask)
        numbers = snapshot.numbers("object")[hits]
        if self.order_by_relevance:
            order = np.lexsort((-numbers, -match.scores[hits]))
        elif self.queryset.query.order_by or self.queryset.query.extra_order_by:
            order = self._ordered(numbers)
        else:
            order = np.argsort(-numbers)
        return Found(match.scores, snapshot, hits[order])

    def _ordered(self, numbers: np.ndarray) -> np.ndarray:
        """Give the order of the database: it alone knows collation, nulls and expressions."""
        ids = object_numbers(self.queryset.model, self.queryset.values_list("pk", flat=True))
        place = {int(number): at for at, number in reversed(list(enumerate(ids)))}
        last = len(place)
        return np.argsort([place.get(int(number), last) for number in numbers], kind="stable")


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
        count = self.backend.ask(lambda now: len(self._chosen(now)))
        return self._fallback().count() if count is None else count

    def _do_search(self) -> Iterable[Any]:
        keyed = self.backend.ask(self._keys)
        return list(self._fallback()) if keyed is None else self._load(keyed)

    def _chosen(self, now: Snapshot) -> np.ndarray:
        return self.query_compiler.found(now).documents[self.start : self.stop]

    def _keys(self, now: Snapshot) -> list[tuple[Any, float]]:
        """Give key and score of each chosen object."""
        found = self.query_compiler.found(now)
        to_python = self.model._meta.pk.to_python
        return [(to_python(now.stored(int(number))["pk"]), float(found.scores[number])) for number in self._chosen(now)]

    def _load(self, keyed: list[tuple[Any, float]]) -> list[Any]:
        queryset = self.query_compiler.queryset._chain()
        queryset.query.clear_limits()
        by_key: dict[Any, Any] = {}
        for start in range(0, len(keyed), FEW):
            keys = [key for key, _ in keyed[start : start + FEW]]
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
        mask[self._chosen(now)] = True
        counts = {}
        for each in now.terms("filter", prefix):
            if held := int(np.count_nonzero(mask[now.postings("filter", each).documents])):
                counts[values.decode(each[len(prefix) :])] = held
        return OrderedDict(sorted(counts.items(), key=lambda pair: -pair[1]))
