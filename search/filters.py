"""A queryset's filters, answered by the index as far as it can.

They are as far as they are plain comparisons of the model's own FilterFields (exact, in, lt, lte, gt, gte, range,
isnull, startswith, joined by and, or, not, and ``pk in`` another queryset of the same table). Any other filter is
answered by the database before anything is counted. Both are exact. What costs the index much is asked of the database
too when the words have left few objects, by their keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from django.db.models import IntegerField, QuerySet
from django.db.models.expressions import Col
from django.db.models.lookups import Lookup
from django.db.models.sql import Query
from django.db.models.sql.where import NothingNode, WhereNode
from modelsearch.backends.base import get_model_root
from modelsearch.index import class_is_indexed

from search import values
from search.documents import object_numbers
from search.schema import CLASS_TAG, MODEL, tag
from search.sets import DocumentSet
from search.snapshot import Snapshot

FEW = 500
"""Objects that are named one by one in a question to the database; of more, it is asked for all it has."""
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
        queryset = self.queryset if self.queryset.query.is_sliced else self.queryset.order_by()
        queryset = narrowed(queryset, self.snapshot, hits)
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


def narrowed(queryset: QuerySet[Any], snapshot: Snapshot, documents: np.ndarray) -> QuerySet[Any]:
    """Give a queryset of few documents' objects only, so that the database need not give all it has."""
    if len(documents) > FEW or queryset.query.is_sliced or queryset.query.combinator:
        return queryset
    return queryset.filter(pk__in=keys_of(snapshot, queryset.model, documents))


def model_documents(snapshot: Snapshot, model: type[Any]) -> DocumentSet:
    """Give the documents that answer ordinary queries for a model and what inherits from it."""
    key = ("model", model._meta.concrete_model._meta.label_lower)
    if key not in snapshot.kept:
        mask = snapshot.mask("tag", tag(CLASS_TAG, key[1]))
        snapshot.kept[key] = DocumentSet(snapshot, mask & (snapshot.numbers("flags") == MODEL))
    return snapshot.kept[key]
