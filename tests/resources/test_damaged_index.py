"""Whatever is wrong with the files of the index, every page that searches answers, and never with what is closed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from resources.models import ResourcePage
from search import outbox
from search.configuration import default_store
from search.rebuilding import rebuild
from search.snapshot import forget_store, snapshot
from tests.search.test_faults import DAMAGE, files

Make = Callable[..., Any]

SEES = {
    "anonymous": {"Resource public"},
    "associate": {"Resource public", "Resource members"},
    "secretariat": {f"Resource {audience}" for audience in ("public", "members", "full", "group", "group_full")},
}
ADDRESSES = {
    "anonymous": ("/search/?q=resource", "/library/?q=resource&topic=topic-full", "/search/suggest/?q=reso"),
    "associate": ("/search/?q=resource", "/library/", "/search/suggest/?q=reso"),
    "secretariat": ("/library/?q=resource", "/admin/pages/search/?q=resource", "/admin/choose-page/search/?q=resource"),
}


@pytest.fixture
def readers(one_of_each: dict[str, ResourcePage], client_of: Make) -> dict[str, Client]:
    rebuild()
    return {name: client_of(name) for name in SEES}


def ask_everywhere(readers: dict[str, Client], where: str) -> None:
    """Every address answers; titles of what a reader may not see stand nowhere."""
    for name, addresses in ADDRESSES.items():
        for address in addresses:
            answer = readers[name].get(address)
            assert answer.status_code == 200, f"{address} for {name}, {where}"
            said = answer.content.decode()
            for closed in SEES["secretariat"] - SEES[name]:
                assert f"{closed}<" not in said, f"{closed} at {address} for {name}, {where}"
                assert f'{closed}"' not in said, f"{closed} at {address} for {name}, {where}"
            if "?q=resource" in address and "topic" not in address:
                missing = {title for title in SEES[name] if title not in said}
                assert not missing, f"{missing} at {address} for {name}, {where}"


@pytest.mark.parametrize("running", [False, True], ids=["new process", "running process"])
def test_every_page_answers_whatever_file_is_damaged(readers: dict[str, Client], running: bool) -> None:
    store = default_store()
    ask_everywhere(readers, "before any damage")
    kept = store.path.with_name("kept")
    shutil.copytree(store.path, kept)
    every = files(store)
    for number in range(max(len(every), len(DAMAGE))):
        path, damage = every[number % len(every)], DAMAGE[number % len(DAMAGE)]
        where = f"{path.name} after {damage.__name__}"
        forget_store(store)
        if running:
            snapshot(store)
        damage(path)
        ask_everywhere(readers, where)
        health = readers["anonymous"].get("/healthz/")
        assert health.status_code == 200
        assert health.json() in [{"database": "ok", "search": state} for state in ("damaged", "missing")], where
        shutil.rmtree(store.path)
        shutil.copytree(kept, store.path)
    forget_store(store)
    assert readers["anonymous"].get("/healthz/").json()["search"] == "ok"


def test_a_change_that_cannot_be_brought_in_is_saved_and_told_and_shown_by_no_stale_entry(
    readers: dict[str, Client], one_of_each: dict[str, ResourcePage]
) -> None:
    page = one_of_each["public"]
    page.title = "Something else"
    page.save_revision().publish()
    health = readers["anonymous"].get("/healthz/")
    assert (health.status_code, health.json()) == (200, {"database": "ok", "search": "behind"})
    said = readers["anonymous"].get("/search/?q=resource").content.decode()
    assert "Resource public" not in said
    outbox.drain_now()
    assert readers["anonymous"].get("/healthz/").json() == {"database": "ok", "search": "ok"}
    assert "Something else" in readers["anonymous"].get("/search/?q=something").content.decode()


def test_health_gives_nothing_away_and_says_when_the_database_is_away(readers: dict[str, Client]) -> None:
    store = default_store()
    store_path = str(store.path)
    shutil.rmtree(store.path)
    for reader in readers.values():
        answer = reader.get("/healthz/")
        assert answer.json() == {"database": "ok", "search": "missing"}
        assert store_path not in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]

    def away(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> None:
        raise DatabaseError("the server closed the connection: password for user hub")

    with connection.execute_wrapper(away):
        answer = Client().get("/healthz/")
    assert answer.status_code == 503
    assert answer.json() == {"database": "unreachable", "search": "unknown"}


def test_the_index_stands_where_no_page_leads(readers: dict[str, Client]) -> None:
    for path in files(default_store()):
        for address in (f"/index/{path.name}", f"/media/../index/{path.name}", f"/static/../index/{path.name}"):
            assert readers["secretariat"].get(address, follow=True).status_code == 404
    assert Path(default_store().path).stat().st_mode & 0o077 == 0
