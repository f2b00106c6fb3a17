"""How well the site search finds what people mean, on a collection that others have judged.

::

    python -m benchmarks.relevance FOLDER                       one line of JSON
    python -m benchmarks.relevance FOLDER --without feedback    the same with one step of the ranking left out
    python -m benchmarks.relevance FOLDER --titles              the same with empty bodies

The documents become live pages for members in a throw-away database, are indexed as a rebuild does, and are asked for
through ``search.library.find`` with a member's keys. ``benchmarks.collections`` says what the folder holds and how odd
cases are settled. The line holds ``ndcg@10``, ``map`` (of the first 1,000 hits, as trec_eval's), ``recall@100`` and
``empty`` (share of queries without a hit), all as means over the judged queries, and how many there were of each.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.collections import BadCollection, Query, Text, average_precision, ndcg, queries, recall, texts

DEPTH = 1000
"""Hits of a query that count, as many as trec_eval takes by custom."""
BATCH = 500
"""Pages that are written to the database together."""
FIRST = 1001
"""Key of the first page."""
KEYS = frozenset({"public", "members"})
"""Access keys of the member who asks."""

STEPS = {
    "all-words": "search.engine.ALL_WORDS",
    "adjacent": "search.engine.ADJACENT",
    "in-a-row": "search.engine.IN_A_ROW",
    "in-title": "search.engine.IN_TITLE",
    "title": "search.engine.TITLE",
    "feedback": "search.feedback.WEIGHT",
}
"""The weight of each step of the ranking; at zero, the step does nothing."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Read what was asked for, judge, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relevance", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="docs.jsonl, queries.jsonl and qrels.tsv")
    parser.add_argument("--without", action="append", default=[], choices=sorted(STEPS), help="a step to leave out")
    parser.add_argument("--titles", action="store_true", help="leave the bodies out, as where entries are short")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="relevance-") as place:
        try:
            result = judge(asked.folder, Path(place), asked.without, asked.titles)
        except BadCollection as error:
            sys.exit(f"{parser.prog}: {error}")
    print(json.dumps(result))


def judge(folder: Path, place: Path, without: Sequence[str] = (), titles: bool = False) -> dict[str, Any]:
    """Give the measures of the hub's search on one collection.

    Args:
        folder: The collection.
        place: An empty folder for database and index.
        without: Names of ``STEPS`` to leave out.
        titles: Whether to leave the bodies out.

    Raises:
        BadCollection: The folder is not one, or nothing in it is judged.
    """
    asked = queries(folder)
    judged = [query for query in asked if query.relevant]
    if not judged:
        raise BadCollection(f"{folder}: no query has a relevant document")
    open_hub(place)
    for step in without:
        module, _, name = STEPS[step].rpartition(".")
        setattr(importlib.import_module(module), name, 0.0)
    documents = texts(folder)
    ids = write_pages(replace(each, body="") for each in documents) if titles else write_pages(documents)
    say(f"{len(ids)} documents are in the database")
    build_index(len(ids))
    return {
        "collection": folder.resolve().name,
        **({"without": list(without)} if without else {}),
        **({"titles": True} if titles else {}),
        **measure(judged, ids),
        "documents": len(ids),
        "queries": len(judged),
        "unjudged": len(asked) - len(judged),
        "relevant": sum(len(query.relevant) for query in judged),
    }


def say(text: str) -> None:
    """Tell on stderr how far it is."""
    print(text, file=sys.stderr, flush=True)


def open_hub(place: Path) -> None:
    """Set up a hub with an empty database and no index in a folder; once in a process."""
    for outside in ("DATABASE_URL", "SEARCH_URL", "CACHE_URL"):
        os.environ.pop(outside, None)
    os.environ |= {"HUB_VAR": str(place), "DJANGO_SETTINGS_MODULE": "hub.settings.demo"}
    import django

    django.setup()
    from django.apps import apps
    from django.db import connection

    # The tables as the models say: a hundred migrations would take longer than a small collection, and what is written
    # after them, the hub's first pages, is no part of the collection.
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)


def write_pages(documents: Iterable[Text]) -> list[str]:
    """Write documents as live pages for members; give their ids, in the order of the pages' keys."""
    from django.db import transaction
    from wagtail.models import Locale

    from core.audience import check_integrity

    root = _root()
    _insert([root])
    locales: dict[str, Locale] = {}
    ids: list[str] = []
    for batch in _batches(documents):
        pages = []
        for text in batch:
            if text.language not in locales:
                locales[text.language], _ = Locale.objects.get_or_create(language_code=text.language)
            ids.append(text.id)
            pages.append(_page(text, root, len(ids), locales[text.language]))
        with transaction.atomic():
            _insert(pages)
    if wrong := check_integrity():
        raise AssertionError(f"the pages do not stand as the hub's own would: {wrong[:3]}")
    return ids


def build_index(count: int) -> None:
    """Build the index of all pages as ``rebuild_search`` does, telling how far it is."""
    from search.rebuilding import rebuild

    done, begun = 0, time.monotonic()

    def progress(more: int) -> None:
        nonlocal done
        if (done + more) // 5000 > done // 5000:
            say(f"{done + more} of {count} pages are in the index after {time.monotonic() - begun:.0f} s")
        done += more

    rebuild(progress=progress)


def measure(judged: Sequence[Query], ids: Sequence[str]) -> dict[str, float]:
    """Ask every query and give the means of the measures, and the processor's time for each answer."""
    from django import db

    from search import library

    sums = dict.fromkeys(("ndcg@10", "map", "recall@100", "empty"), 0.0)
    times = []
    for number, query in enumerate(judged, 1):
        answer = library.find(query.text, keys=KEYS, limit=DEPTH, snippets=False)
        ranked = [ids[int(hit.pk) - FIRST] for hit in answer.hits]
        sums["ndcg@10"] += ndcg(ranked, query.relevant)
        sums["map"] += average_precision(ranked, query.relevant)
        sums["recall@100"] += recall(ranked, query.relevant)
        sums["empty"] += not answer.total
        begun = time.process_time()
        library.find(query.text, keys=KEYS, limit=10)
        times.append(time.process_time() - begun)
        if number % 50 == 0:
            say(f"{number} of {len(judged)} queries are answered")
    db.reset_queries()
    times.sort()
    means = {name: round(value / len(judged), 4) for name, value in sums.items()}
    return means | {
        "ms_p50": round(1000 * times[len(times) // 2], 2),
        "ms_p95": round(1000 * times[int(len(times) * 0.95)], 2),
    }


def _batches(documents: Iterable[Text]) -> Iterator[list[Text]]:
    given = iter(documents)
    while batch := list(islice(given, BATCH)):
        yield batch


def _root() -> Any:
    """Give the root of the tree, not saved yet."""
    from django.contrib.contenttypes.models import ContentType
    from wagtail.models import Locale, Page

    locale, _ = Locale.objects.get_or_create(language_code="en")
    kind = ContentType.objects.get_for_model(Page)
    path = Page._get_path("", 1, 1)
    return Page(pk=1, path=path, depth=1, title="Root", slug="root", locale=locale, content_type=kind)


def _page(text: Text, root: Any, number: int, locale: Any) -> Any:
    """Give a document as a page that is not saved yet: all it says stands before the first heading."""
    from django.contrib.contenttypes.models import ContentType
    from django.utils import timezone

    from core.access import MEMBERS
    from resources.models import ResourcePage

    key = FIRST + number - 1
    paragraphs = [{"type": "paragraph", "value": f"<p>{escape(text.body)}</p>"}] if text.body else []
    return ResourcePage(
        id=key,
        page_ptr_id=key,
        hubpage_ptr_id=key,
        path=ResourcePage._get_path(root.path, 2, number),
        depth=2,
        title=text.title,
        draft_title=text.title,
        slug=str(number),
        url_path=f"/{number}/",
        locale=locale,
        content_type=ContentType.objects.get_for_model(ResourcePage),
        audience=MEMBERS,
        standing_key=MEMBERS,
        access_key=MEMBERS,
        kind="practice",
        published_on=timezone.now(),
        body=json.dumps(paragraphs),
    )


def _insert(pages: list[Any]) -> None:
    """Insert pages table by table: Django's ``bulk_create`` knows no inheritance over several tables."""
    from django.db import connection
    from wagtail.models import Page

    from core.models import HubPage
    from resources.models import ResourcePage

    for model in (Page, HubPage, ResourcePage):
        if not isinstance(pages[0], model):
            continue
        fields = model._meta.local_concrete_fields
        names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
        rows = [[field.get_db_prep_save(field.pre_save(page, True), connection) for field in fields] for page in pages]
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(fields))})", rows)


if __name__ == "__main__":
    main()
