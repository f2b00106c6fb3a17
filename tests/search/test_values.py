"""Filters over values of every type give what the database gives."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db.models import Exists, F, OuterRef, Q
from hypothesis import given
from hypothesis import strategies as st
from modelsearch.backends.base import FieldError, FilterFieldError
from modelsearch.query import MATCH_ALL

from search import filters, outbox, values
from search.backend import SearchBackend
from search.filters import Filters
from search.snapshot import snapshot
from search.store import Store
from tests.search.shelf.models import Label, Note, Thing

NOON = dt.datetime(2026, 3, 29, 12, tzinfo=dt.UTC)
THINGS: list[dict[str, Any]] = [
    {"name": "a"},
    {
        "name": "b",
        "whole": -5,
        "real": -1.5,
        "money": Decimal("-0.5"),
        "yes": False,
        "day": dt.date(1999, 12, 31),
        "moment": dt.datetime(1969, 1, 1, tzinfo=dt.UTC),
        "hour": dt.time(0),
        "span": dt.timedelta(-1),
        "code": uuid.UUID(int=1),
    },
    {
        "name": "c",
        "whole": 0,
        "real": 0.0,
        "money": Decimal(0),
        "yes": True,
        "day": dt.date(2000, 1, 1),
        "moment": NOON,
        "hour": dt.time(12, 30, 15, 5),
        "span": dt.timedelta(0),
        "code": uuid.UUID(int=2),
    },
    {
        "name": "d" * 900,
        "whole": 2**40,
        "real": 1e300,
        "money": Decimal("12345678.1"),
        "yes": True,
        "day": dt.date(2030, 5, 5),
        "moment": NOON + dt.timedelta(microseconds=1),
        "hour": dt.time(23, 59),
        "span": dt.timedelta(days=400, microseconds=7),
        "code": uuid.UUID(int=2**127),
    },
]
FILTERS = [
    *(
        Q(**{f"{name}__{lookup}": thing[name]})
        for name in ("whole", "real", "money", "day", "moment", "hour", "span")
        for lookup in ("exact", "lt", "lte", "gt", "gte")
        for thing in THINGS[1:]
    ),
    *(
        Q(**{f"{name}__isnull": null})
        for name in ("whole", "real", "money", "yes", "day", "moment", "hour", "span", "code", "note")
        for null in (True, False)
    ),
    *(~Q(**{f"{name}__gt": THINGS[2][name]}) for name in ("whole", "real", "money", "day", "moment", "hour", "span")),
    Q(yes=True),
    Q(yes=False),
    ~Q(yes=True),
    Q(code=uuid.UUID(int=2)),
    Q(code__in=[uuid.UUID(int=1), uuid.UUID(int=2**127)]),
    Q(name="d" * 900),
    Q(name__startswith="dd"),
    Q(name__startswith="d" * 500),
    Q(name__in=["a", "b", "no"]),
    Q(name__gt="b"),
    Q(whole__range=(-5, 0)),
    Q(whole__in=[]),
    Q(whole=None),
    Q(whole=-5) | Q(real=1e300),
    ~(Q(whole=-5) | Q(real=1e300)),
    Q(whole=-5) & ~Q(real=1e300),
    Q(moment__date=dt.date(2026, 3, 29)),
    Q(moment__year=2026),
    Q(name__icontains="D"),
    Q(whole=F("real")),
    Q(pk__in=[]),
    Q(),
]


@pytest.fixture
def things(store: Store) -> list[Thing]:
    things = [Thing.objects.create(**each) for each in THINGS]
    outbox.drain_now()
    return things


BOUNDS = {
    "few are left, the database is asked by their keys": {},
    "many are left, the index answers what it can": {"FEW": 0},
    "many are left, of many values, the database is asked for all": {"FEW": 0, "MANY_VALUES": 0},
}


@pytest.fixture(params=BOUNDS)
def bounds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way in which the same filter can be answered."""
    for name, bound in BOUNDS[request.param].items():
        monkeypatch.setattr(filters, name, bound)


@pytest.mark.usefixtures("things", "bounds")
def test_every_filter_over_every_type_gives_what_the_database_gives() -> None:
    backend = SearchBackend({})
    for condition in FILTERS:
        queryset = Thing.objects.filter(condition)
        results = backend.search(MATCH_ALL, queryset)
        assert set(results) == set(queryset), condition
        assert results.count() == queryset.count(), condition


@pytest.mark.parametrize(
    ("pushed", "condition"),
    [
        (True, Q(whole__gt=0)),
        (True, Q(name="a")),
        (True, ~Q(moment__lte=NOON)),
        (False, Q(name__gt="a")),
        (False, Q(moment__year=2026)),
        (True, Q(pk__in=Thing.objects.filter(whole__gt=0))),
        (True, ~Q(pk__in=Thing.objects.filter(whole__gt=0).values("pk"))),
        (False, Q(pk__in=Thing.objects.filter(name__gt="a"))),
        (False, Q(pk__in=Thing.objects.order_by("pk")[:1])),
        (False, Q(note__in=Note.objects.filter(title="x"))),
    ],
)
def test_of_many_objects_plain_comparisons_ask_no_database(
    things: list[Thing],
    store: Store,
    django_assert_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
    pushed: bool,
    condition: Q,
) -> None:
    monkeypatch.setattr(filters, "FEW", 0)
    queryset, now = Thing.objects.filter(condition), snapshot(store)
    with django_assert_num_queries(0 if pushed else 1):
        kept = Filters(now, queryset).keep(np.flatnonzero(filters.model_documents(now, Thing).mask))
    assert set(filters.keys_of(now, Thing, kept)) == set(queryset.values_list("pk", flat=True))


def test_of_few_objects_the_database_is_asked_once_by_their_keys(
    things: list[Thing], store: Store, django_assert_num_queries: Any
) -> None:
    now = snapshot(store)
    every = np.flatnonzero(filters.model_documents(now, Thing).mask)
    queryset = Thing.objects.filter(Q(yes=True) & Q(whole__gt=0) & Q(name__gt="a"))
    with django_assert_num_queries(1) as asked:
        Filters(now, queryset).keep(every)
    assert " IN (" in asked.captured_queries[0]["sql"]
    with django_assert_num_queries(0):
        assert not len(Filters(now, queryset).keep(every[:0]))


def test_facets_give_back_values_of_every_type(things: list[Thing]) -> None:
    backend = SearchBackend({})
    for name in ("whole", "real", "money", "yes", "day", "moment", "hour", "span", "code"):
        expected: dict[Any, int] = {}
        for thing in Thing.objects.all():
            expected[getattr(thing, name)] = expected.get(getattr(thing, name), 0) + 1
        assert backend.search(MATCH_ALL, Thing).facet(name) == expected


def test_any_order_of_the_database_can_be_asked_for(things: list[Thing], bounds: None) -> None:
    backend = SearchBackend({})
    for order in ("whole", "-whole", "name", "-moment", F("real").desc(nulls_last=True)):
        queryset = Thing.objects.order_by(order)
        assert list(backend.search(MATCH_ALL, queryset, order_by_relevance=False)) == list(queryset)


def test_filters_over_relations_are_answered_by_the_database(things: list[Thing], bounds: None) -> None:
    note, other = Note.objects.create(title="Housing"), Note.objects.create(title="Housing too")
    label = Label.objects.create(name="roof")
    note.labels.add(label)
    outbox.drain_now()
    for queryset in (
        Note.objects.filter(labels=label),
        Note.objects.exclude(labels=label),
        Note.objects.filter(Exists(Label.objects.filter(note=OuterRef("pk")))),
        Note.objects.filter(pk__in=Note.objects.filter(title="Housing").values("pk")),
        Note.objects.filter(pk=other.pk),
        Note.objects.filter(pk__in=Note.objects.filter(labels=label)),
        Note.objects.exclude(pk__in=Note.objects.filter(title="Housing too").values_list("pk", flat=True)),
        Note.objects.filter(pk__in=Note.objects.order_by("-pk").values("pk")[:1]),
        Note.objects.filter(pk__in=Note.objects.filter(title="Housing") | Note.objects.filter(pk=other.pk)),
        Note.objects.order_by("pk")[:1],
        Note.objects.none(),
    ):
        assert set(queryset.search("housing")) == set(queryset)
    assert Note.objects.search("housing").facet("labels") == {label.pk: 1, None: 1}


def test_what_the_model_does_not_declare_is_refused(store: Store) -> None:
    backend = SearchBackend({})
    with pytest.raises(FilterFieldError):
        backend.search("x", Note.objects.filter(body="x"))
    with pytest.raises(FieldError):
        backend.search("x", Note, fields=["author"])
    with pytest.raises(FieldError):
        backend.autocomplete("x", Note, fields=["body"])
    with pytest.raises(FilterFieldError):
        backend.search("x", Note).facet("body")


def test_fields_narrow_a_search_and_a_completion(store: Store) -> None:
    one = Note.objects.create(title="Housing", body="work")
    two = Note.objects.create(title="Work", body="housing")
    outbox.drain_now()
    assert list(Note.objects.search("housing", fields=["title"])) == [one]
    assert list(Note.objects.search("housing", fields=["body"])) == [two]
    assert list(Note.objects.autocomplete("hous", fields=["title"])) == [one]
    assert list(Note.objects.search("housing")) == [one, two]


ORDERED = [
    st.integers(),
    st.floats(allow_nan=False),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4),
    st.datetimes(min_value=dt.datetime(1, 1, 2), timezones=st.just(dt.UTC)),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.uuids(),
    st.booleans(),
    st.text(max_size=50),
]


@pytest.mark.parametrize("kind", ORDERED, ids=repr)
def test_terms_sort_as_the_values_do_and_give_them_back(kind: st.SearchStrategy[Any]) -> None:
    @given(one=kind, two=kind)
    def check(one: Any, two: Any) -> None:
        assert values.decode(values.encode(one)) == one
        assert (values.encode(one) < values.encode(two)) == (one < two)
        assert (values.encode(one) == values.encode(two)) == (one == two)

    check()
