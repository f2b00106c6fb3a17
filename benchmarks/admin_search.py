"""How long Wagtail's admin searches and chooses among many pages, through the whole stack.

    python -m benchmarks.admin_search --sizes 2000,50000 --rival 2000

Makes pages, documents and pictures in a database of its own (SQLite, thrown away afterwards), asks the admin's own
addresses as a superuser, and prints one JSON line for each address and size: CPU milliseconds (median and slowest of
the rounds) and database queries of one request. Up to the size of ``--rival`` the same is asked with Wagtail's default
backend on SQLite, with the ratio of the medians. Titles are words of the demo's texts, recombined.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import re
import statistics
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SECTIONS = 40
"""Sections that the pages are spread over, so that the explorer has a part of the tree to search."""
BATCH = 1000
START = datetime(2024, 1, 1, tzinfo=UTC)


def words() -> list[str]:
    """Give the words of the demo's texts as often as they occur, so that some are common and many are rare."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "demo").rglob("*.md")))
    return re.findall(r"[a-zäöüß]{3,14}", text.lower())


def make_sections() -> list[Any]:
    """Make the sections, below the home page."""
    from hub.models import HomePage, PlainPage

    home = HomePage.objects.get(locale__language_code="en", depth=2)
    return [home.add_child(instance=PlainPage(title=f"Section {n}", audience="public")) for n in range(SECTIONS)]


def fill(sections: list[Any], have: int, size: int, title: Callable[[], str]) -> None:
    """Make pages below the sections until there are ``size`` of them."""
    from django.db import connection
    from wagtail.models import Page

    from core.models import HubPage

    model = sections[0]
    first, last = have // len(sections), size // len(sections)
    for section in sections:
        pages = []
        for number in range(first, last):
            name = title()
            pages.append(
                Page(
                    title=name,
                    draft_title=name,
                    slug=f"p-{number}",
                    path=HubPage._get_path(section.path, 4, number + 1),
                    depth=4,
                    url_path=f"{section.url_path}p-{number}/",
                    content_type=model.content_type,
                    locale=model.locale,
                    latest_revision_created_at=START,
                )
            )
        Page.objects.bulk_create(pages, batch_size=BATCH)
    Page.objects.filter(pk__in=[section.pk for section in sections]).update(numchild=last)
    # Django makes no rows of inheriting models in bulk: those of the sections serve as a pattern.
    with connection.cursor() as cursor:
        for table, key, source in (
            ("core_hubpage", "page_ptr_id", model.hubpage_ptr),
            ("hub_plainpage", "hubpage_ptr_id", model),
        ):
            fields = [field for field in source._meta.local_fields if field.column != key]
            cursor.execute(
                f"INSERT INTO {table} ({', '.join([key, *(field.column for field in fields)])}) "
                f"SELECT id, {', '.join(['%s'] * len(fields))} FROM wagtailcore_page WHERE depth = 4 "
                f"AND id NOT IN (SELECT {key} FROM {table})",
                [field.get_db_prep_save(getattr(source, field.attname), connection) for field in fields],
            )


def make_files(count: int, title: Callable[[], str]) -> None:
    """Make so many documents and as many pictures, each sort with one file for all."""
    from django.core.files.base import ContentFile
    from PIL import Image

    from core.models import HubDocument, HubImage

    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, "PNG")
    for model, file in (
        (HubImage, ContentFile(picture.getvalue(), "1.png")),
        (HubDocument, ContentFile(b"x", "1.txt")),
    ):
        one = model(title="First", file=file, audience="public")
        one.save()
        same = {
            field.attname: getattr(one, field.attname)
            for field in one._meta.concrete_fields
            if not field.primary_key and field.name != "title"
        }
        model.objects.bulk_create((model(**same, title=title()) for _ in range(count)), batch_size=BATCH)


def asked(chance: random.Random) -> dict[str, str]:
    """Give the addresses by what is done there."""
    from core.models import HubDocument
    from hub.models import HomePage, PlainPage

    bag = sorted(set(words()))
    rare = chance.choice([word for word in bag if len(word) > 9])
    section = PlainPage.objects.filter(depth=3).first()
    home = HomePage.objects.get(locale__language_code="en", depth=2)
    assert section is not None
    collection = HubDocument.objects.values_list("collection", flat=True).first()
    return {
        "the backend alone, rare word": rare,
        "the backend alone, common word": "work",
        "the backend alone, one letter": "s",
        "search, rare word": f"/admin/pages/search/?q={rare}",
        "search, common word": "/admin/pages/search/?q=work",
        "search, two words": "/admin/pages/search/?q=people+exit",
        "search, one letter": "/admin/pages/search/?q=s",
        "search, by title": "/admin/pages/search/results/?q=work&ordering=title",
        "search, one letter, by title": "/admin/pages/search/results/?q=s&ordering=title",
        "search, one type": "/admin/pages/search/?q=work&content_type=hub.plainpage",
        "explorer, whole site": f"/admin/pages/{home.pk}/?q=work",
        "explorer, whole site, one letter": f"/admin/pages/{home.pk}/?q=s",
        "explorer, one section": f"/admin/pages/{section.pk}/?q=work",
        "page chooser": "/admin/choose-page/search/?q=work",
        "page chooser, one letter": "/admin/choose-page/search/?q=s",
        "page chooser, one type": "/admin/choose-page/search/?q=work&page_type=hub.plainpage",
        "document chooser": "/admin/documents/chooser/results/?q=work",
        "document chooser, one collection": f"/admin/documents/chooser/results/?q=work&collection_id={collection}",
        "picture chooser": "/admin/images/chooser/results/?q=work",
        "pictures": "/admin/images/?q=work",
    }


def alone(word: str) -> None:
    """Do what a search of the pages asks of the backend, without the page around it: count, one page, types."""
    from wagtail.models import Page

    every = Page.objects.filter(pk__in=Page.objects.values_list("pk", flat=True))
    found = every.autocomplete(word)
    found.count()
    list(found[:50])
    every.autocomplete(word).facet("content_type_id")


def measure(client: Any, path: str, rounds: int) -> dict[str, Any]:
    """Ask one address some times; the first time does not count."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def ask() -> None:
        if path.startswith("/"):
            answer = client.get(path)
            if answer.status_code != 200:
                raise SystemExit(f"{path}: {answer.status_code}")
        else:
            alone(path)

    with CaptureQueriesContext(connection) as queries:
        ask()
    count = len(queries)
    times = []
    for _ in range(rounds):
        start = time.process_time()
        ask()
        times.append((time.process_time() - start) * 1000)
    return {"cpu_ms": round(statistics.median(times), 1), "slowest": round(max(times), 1), "queries": count}


def run(sizes: Iterable[int], rival: int, rounds: int) -> None:
    from django.core.management import call_command
    from django.test import Client, override_settings

    from core.models import HubPage
    from members.models import User
    from search import elsewhere, outbox
    from search.rebuilding import rebuild

    call_command("migrate", run_syncdb=True, verbosity=0)
    client = Client()
    client.force_login(User.objects.create_superuser("s@example.org", "benchmark-1", display_name="S"))
    chance, bag = random.Random(7), words()

    def title() -> str:
        return " ".join(chance.choice(bag) for _ in range(chance.randint(3, 7))).capitalize()

    sections, have = make_sections(), 0
    for size in sorted(sizes):
        with outbox.suspended():
            fill(sections, have, size, title)
            make_files((size - have) // 10, title)
        have = size
        paths = asked(random.Random(1))
        paths = asked(random.Random(1))
        start = time.process_time()
        rebuild()
        built = time.process_time() - start
        print(json.dumps({"size": HubPage.objects.count(), "built_cpu_s": round(built, 1)}), flush=True)
        ours = {name: measure(client, path, rounds) for name, path in paths.items()}
        theirs: dict[str, dict[str, Any]] = {}
        if size <= rival:
            default = {"default": {"BACKEND": "modelsearch.backends.database"}}
            with override_settings(WAGTAILSEARCH_BACKENDS=default):
                elsewhere.rebuild()
                theirs = {name: measure(client, path, max(rounds // 3, 1)) for name, path in paths.items()}
        for name, took in ours.items():
            line = {"size": size, "what": name, **took}
            if name in theirs:
                line |= {
                    "wagtail_cpu_ms": theirs[name]["cpu_ms"],
                    "wagtail_queries": theirs[name]["queries"],
                    "ratio": round(theirs[name]["cpu_ms"] / took["cpu_ms"], 1),
                }
            print(json.dumps(line), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="2000,50000", help="numbers of pages, such as 2000,50000")
    parser.add_argument("--rival", type=int, default=2000, help="largest size for Wagtail's default; it is quadratic")
    parser.add_argument("--rounds", type=int, default=9, help="requests measured for each address")
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "hub.settings.test"
    os.environ.pop("SEARCH_URL", None)
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    run([int(size) for size in arguments.sizes.split(",")], arguments.rival, arguments.rounds)


if __name__ == "__main__":
    main()
