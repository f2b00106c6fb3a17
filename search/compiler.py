"""Ordinary modelsearch queries: which documents of a queryset's model may match, and what comes back from the database.

A queryset's filters are answered by the index as far as they are plain comparisons of the model's own FilterFields
(exact, in, lt, lte, gt, gte, range, isnull, startswith, joined by and, or, not, and ``pk in`` another queryset of the
same table). Any other filter is answered by the database before anything is counted. Both are exact. What costs the
index much is asked of the database too when the words have left few objects, by their keys.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db.models import IntegerField, QuerySet
from django.db.models.expressions import Col
from django.db.models.functions import Extract
from django.db.models.lookups import Lookup
from django.db.models.sql import Query
from django.db.models.sql.where import NothingNode, WhereNode
from modelsearch.backends.base import (
    BaseSearchQueryCompiler,
    BaseSearchResults,
    FilterFieldError,
    SearchFieldError,
    get_model_root,
)
from modelsearch.backends.database.fallback import (
    DatabaseSearchQueryCompiler,
    DatabaseSearchResults,
)
from modelsearch.index import class_is_indexed
from modelsearch.query import Phrase, PlainText

from search import values
from search.documents import object_numbers, tag
from search.engine import Engine
from search.schema import CLASS_TAG, MODEL, SEPARATOR
from search.sets import DocumentSet
from search.snapshot import Snapshot

logger = logging.getLogger(__name__)

FEW = 500
"""Objects that are named one by one in a question to the database; of more, it is asked for all it has."""
AT_ONCE = 500
"""Objects that are loaded in one query."""
MANY_VALUES = 2000
"""Different values from which on a filter is asked of the database: their lists would be read one by one."""


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
    """A queryset's filters over a snapshot."""

    def __init__(self, snapshot: Snapshot, queryset: QuerySet[Any], *, few: bool = False) -> None:
        """
        Args:
            snapshot: The index at one commit.
            queryset: Its filters are what is asked.
            few: Whether few documents are left to be asked about, so that the database knows faster.
        """
        self.snapshot, self.queryset, self.few = snapshot, queryset, few
        self.fields = {
            each.get_attname(queryset.model): each.field_name for each in queryset.model.get_filterable_search_fields()
        }

    def keep(self, hits: np.ndarray) -> np.ndarray:
        """Give those of some documents that pass, in their order."""
        query = self.queryset.query
        if query.is_sliced or query.distinct_fields or query.combinator:
            return self._asked(hits)
        where = query.where
        # What is joined by "and" is answered part by part; each part leaves fewer documents to the next.
        parts = where.children if where.connector == "AND" and not where.negated else [where]
        unanswered = False
        for part in parts:
            self.few = len(hits) <= FEW
            try:
                hits = hits[self._node(part)[hits]]
            except AskTheDatabase:
                unanswered = True
        return self._asked(hits) if unanswered and len(hits) else hits

    def mask(self) -> np.ndarray:
        """Give all documents that pass. Raises ``AskTheDatabase`` where the index alone cannot say."""
        query = self.queryset.query
        if query.is_sliced or query.distinct_fields or query.combinator:
            raise AskTheDatabase
        return self._node(query.where)

    def _asked(self, hits: np.ndarray) -> np.ndarray:
        """Give those of some documents whose objects the database gives."""
        queryset = self.queryset
        if not queryset.query.is_sliced:
            queryset = queryset.order_by()
            if len(hits) <= FEW and not queryset.query.combinator:
                queryset = queryset.filter(pk__in=keys_of(self.snapshot, queryset.model, hits))
        numbers = object_numbers(queryset.model, queryset.values_list("pk", flat=True))
        return hits[np.isin(self.snapshot.numbers("object")[hits], numbers)]

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
        if isinstance(node.rhs, Query) and node.lookup_name == "in":
            return self._in_queryset(node.lhs, node.rhs)
        return self._lookup(self._field_name(node.lhs), str(node.lookup_name), node.rhs)

    def _in_queryset(self, column: Col, query: Query) -> np.ndarray:
        """Give the documents whose key or value another queryset gives."""
        if self.few:
            raise AskTheDatabase
        model: Any = query.model
        same_table = class_is_indexed(model) and get_model_root(model) is get_model_root(self.queryset.model)
        if same_table and self._is_key(column):
            inner = Filters(self.snapshot, QuerySet(model, query=query.chain()))
            if inner.gives_keys():
                return model_documents(self.snapshot, model).mask & inner.mask()
        name = self._field_name(column)
        found = [row[0] for row in query.get_compiler(self.queryset.db).results_iter()]
        if len(found) > FEW:
            raise AskTheDatabase
        return self._lookup(name, "in", found)

    def gives_keys(self) -> bool:
        """Say whether the queryset, as it stands inside another, gives the primary keys of its own model."""
        query = self.queryset.query
        if query.group_by or query.distinct or query.annotation_select or query.extra_select:
            return False
        if not query.select:
            return bool(query.default_cols)
        return len(query.select) == 1 and isinstance(query.select[0], Col) and self._is_key(query.select[0])

    def _is_key(self, column: Col) -> bool:
        """Say whether the column is the primary key of the queryset's own table, or of one it inherits from."""
        return bool(column.target.primary_key) and self._is_own(column)

    def _is_own(self, column: Col) -> bool:
        """Say whether the column stands in the model's own table or one it inherits from."""
        table: Any = self.queryset.query.alias_map[column.alias]
        while table.parent_alias is not None:
            if not getattr(table.join_field.remote_field, "parent_link", False):
                return False
            table = self.queryset.query.alias_map[table.parent_alias]
        return True

    def _field_name(self, column: Col) -> str:
        """Give the FilterField of a column, if it is the model's own or inherited: one value for each object."""
        if not self._is_own(column):
            raise AskTheDatabase
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
        if lookup == "startswith" and len(value) <= values.LONGEST_TEXT and not self.few:
            return self._any(self.snapshot.terms("filter", tag(name, "s" + values.text_value(value))))
        raise AskTheDatabase

    def _range(self, name: str, lookup: str, value: Any) -> np.ndarray:
        bound = _term(name, value)
        kind = bound[len(name) + 1]
        compare = _comparison(kind, lookup)
        if self.few:
            raise AskTheDatabase
        terms = self.snapshot.terms("filter", tag(name, kind))
        return self._any(each for each in terms if compare(each, bound))

    def _any(self, terms: Iterable[str]) -> np.ndarray:
        terms = list(terms)
        if len(terms) > MANY_VALUES:
            raise AskTheDatabase
        mask = np.zeros(self.snapshot.count, bool)
        for each in terms:
            mask[self.snapshot.postings("filter", each).documents] = True
        return mask


def keys_of(snapshot: Snapshot, model: type[Any], documents: np.ndarray) -> list[Any]:
    """Give the primary keys of some documents' objects; a whole number stands in the object's number itself."""
    numbers = snapshot.numbers("object")[documents]
    if isinstance(get_model_root(model)._meta.pk, IntegerField):
        first = int(object_numbers(model, [0])[0])
        keys = numbers - first
        if ((keys >= 0) & (keys < 2**39)).all():
            return [int(key) for key in keys]
    to_python = model._meta.pk.to_python
    return [to_python(snapshot.stored(int(number))["pk"]) for number in documents]


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
        queryset = self.queryset
        if len(hits) <= FEW and not (queryset.query.is_sliced or queryset.query.combinator):
            queryset = queryset.filter(pk__in=keys_of(snapshot, queryset.model, hits))
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
