"""Which engine SEARCH_URL names, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from modelsearch.backends import import_backend

from hub.settings.search_url import search_backend
from tests.hub.test_settings import start

PATH = Path("/index")
SQLITE, POSTGRESQL = "django.db.backends.sqlite3", "django.db.backends.postgresql"


def read(url: str, database: str = POSTGRESQL, config: str = "simple") -> dict[str, Any]:
    return search_backend(url, path=PATH, database=database, config=config)


def test_with_nothing_the_hub_searches_itself():
    assert read("") == read("  ", SQLITE) == {"BACKEND": "search.backend", "PATH": PATH}


@pytest.mark.parametrize("url", ["postgresql", "postgresql://"])
def test_postgresql_searches_in_the_hubs_own_database(url):
    assert read(url) == {"BACKEND": "search.postgresql", "SEARCH_CONFIG": "simple"}
    assert read(url, config="english")["SEARCH_CONFIG"] == "english"
    with pytest.raises(ImproperlyConfigured, match=r"SEARCH_URL.*DATABASE_URL"):
        read(url, SQLITE)
    with pytest.raises(ImproperlyConfigured, match="SEARCH_CONFIG"):
        read(url, config="a'; --")


CLUSTERS = {
    "opensearch://box/hub": {
        "BACKEND": "modelsearch.backends.opensearch2",
        "URLS": ["http://box:9200"],
        "INDEX_PREFIX": "hub-",
        "TIMEOUT": 10,
    },
    "opensearch+https://me:p%40ss%2Fw@box:443/hub?timeout=5": {
        "BACKEND": "modelsearch.backends.opensearch2",
        "URLS": ["https://box:443"],
        "INDEX_PREFIX": "hub-",
        "TIMEOUT": 5,
        "OPTIONS": {"http_auth": ("me", "p@ss/w")},
    },
    "elasticsearch+https://me:secret@[::1]/a_b?version=8": {
        "BACKEND": "modelsearch.backends.elasticsearch8",
        "URLS": ["https://[::1]:9200"],
        "INDEX_PREFIX": "a_b-",
        "TIMEOUT": 10,
        "OPTIONS": {"basic_auth": ("me", "secret")},
    },
    "elasticsearch+http://box/hub": {
        "BACKEND": "modelsearch.backends.elasticsearch9",
        "URLS": ["http://box:9200"],
        "INDEX_PREFIX": "hub-",
        "TIMEOUT": 10,
    },
}


@pytest.mark.parametrize("url", CLUSTERS)
def test_a_cluster_is_reached_through_modelsearchs_own_backend(url):
    assert read(url, SQLITE) == CLUSTERS[url]
    options = {name: value for name, value in CLUSTERS[url].items() if name != "BACKEND"}
    backend = import_backend(CLUSTERS[url]["BACKEND"])(options)
    assert backend.index_prefix == CLUSTERS[url]["INDEX_PREFIX"]


@pytest.mark.parametrize(
    "url",
    [
        "whoosh",
        "postgresql://box/other",
        "postgres",
        "opensearch",
        "opensearch://",
        "opensearch://box",
        "opensearch://box/",
        "opensearch:///hub",
        "opensearch://box/UPPER",
        "opensearch://box/a/b",
        "opensearch://box:port/hub",
        "opensearch://box:99999/hub",
        "opensearch://me@box/hub",
        "opensearch://box/hub?version=7",
        "opensearch://box/hub?version=x",
        "opensearch://box/hub?timeout=999",
        "opensearch://box/hub?timeout=-1",
        "opensearch://box/hub?verify=no",
        "opensearch://box/hub#x",
        "opensearch+ssh://box/hub",
        "elasticsearch://[box/hub",
        "https://box:9200/hub",
    ],
)
def test_what_is_not_understood_is_refused_with_the_forms_allowed(url):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(url)
    for said in ("SEARCH_URL", "postgresql", "opensearch", "elasticsearch", "docs/settings.md"):
        assert said in str(refused.value)


def test_a_refusal_does_not_repeat_the_password():
    with pytest.raises(ImproperlyConfigured) as refused:
        read("opensearch://me:topsecret@box")
    assert "topsecret" not in str(refused.value)


@pytest.mark.parametrize("url", ["postgresql", "nonsense"])
def test_the_hub_does_not_start_with_an_engine_it_cannot_have(tmp_path, url):
    refused = start(tmp_path, SEARCH_URL=url)
    assert refused.returncode != 0
    assert "SEARCH_URL" in refused.stderr
