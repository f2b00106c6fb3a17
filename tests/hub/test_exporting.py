"""A list as a file: what the viewer may open of it, in its order, and nothing that is only announced."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from hub import exporting
from resources.models import ResourcePage
from tests.resources.conftest import SEES

Make = Callable[..., Any]
pytestmark = pytest.mark.django_db


def titles(answer: Any) -> list[str]:
    """The titles in a table."""
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    return [row[0] for row in rows[1:]]


def test_a_list_is_exported_as_far_as_the_viewer_may_open_it(
    make_resource: Make, indexed: Make, client_of: Make
) -> None:
    for audience in ("public", "members", "full", "group", "group_full"):
        make_resource(f"For {audience}", audience=audience, text="housing")
    make_resource("Announced to all", audience="full", teaser=True, text="housing")
    indexed()
    for name in ("anonymous", "lapsed", "associate", "full", "group_associate", "group_full", "secretariat"):
        client = client_of(name)
        open_to = {f"For {audience}" for audience in SEES[name]}
        if "full" in SEES[name]:
            open_to.add("Announced to all")
        for query in ("shelf=library", "q=housing"):
            answer = client.get(f"/search/export.csv?{query}")
            assert set(titles(answer)) == open_to, (name, query)
            assert len(titles(answer)) == len(open_to)
        for form in ("bib", "ris"):
            text = client.get(f"/search/export.{form}?shelf=library").content.decode()
            assert text.count("For ") == len(SEES[name])
            assert ("Announced" in text) == ("Announced to all" in open_to)


def test_filters_words_and_order_are_those_of_the_page(make_resource: Make, indexed: Make, client: Client) -> None:
    from datetime import UTC, datetime

    for number, kind in enumerate(("tool", "practice", "tool")):
        make_resource(f"Thing {number}", resource_kind=kind, published_on=datetime(2020 + number, 1, 1, tzinfo=UTC))
    indexed()
    page = client.get("/library/?kind=tool").content.decode()
    assert 'href="/search/export.csv?shelf=library&amp;kind=tool"' in page
    assert titles(client.get("/search/export.csv?shelf=library&kind=tool")) == ["Thing 2", "Thing 0"]
    assert titles(client.get("/search/export.csv?kind=tool&year=2020&page=7")) == ["Thing 0"]
    assert titles(client.get("/search/export.csv?q=nosuchword")) == []
    found = client.get("/search/?q=thing").content.decode()
    assert 'href="/search/export.bib?q=thing"' in found
    assert "export" not in client.get("/search/?q=nosuchword").content.decode()


def test_at_most_so_many_are_exported(
    make_resource: Make, indexed: Make, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_ITEMS", 3)
    for number in range(5):
        make_resource(f"Thing {number}")
    indexed()
    assert len(titles(client.get("/search/export.csv?shelf=library"))) == 3


def test_a_long_file_costs_few_queries_and_writes_nothing(
    make_resource: Make, indexed: Make, client: Client, django_assert_max_num_queries: Make
) -> None:
    for number in range(15):
        make_resource(f"Thing {number}", keywords=[f"word {number}"])
    indexed()
    client.get("/search/export.bib?shelf=library")
    with django_assert_max_num_queries(10) as asked:
        answer = client.get("/search/export.bib?shelf=library")
    assert answer.content.decode().count("@misc{") == 15
    assert all(query["sql"].lstrip("( ").startswith("SELECT") for query in asked.captured_queries)
    assert ResourcePage.objects.count() == 15


def test_another_form_is_not_there(client: Client, library: Any) -> None:
    assert client.get("/search/export.exe").status_code == 404
    assert client.post("/search/export.bib").status_code == 405
