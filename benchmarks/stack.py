"""The search page through the whole stack: middleware, view, engine, database, template, over real pages.

The pages are written straight into the three tables of a resource, some thousands at once; everything after that is the
hub's own way: ``rebuild_search``, the address ``/search/``, Django's test client. Times are CPU milliseconds.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.parts import PASSES, quantiles, timed

BATCH = 500
SETTINGS = "hub.settings.demo"
GROUPS = ("family-and-community", "prison-and-probation", "youth", "training", "research", "women")
TOPICS = 58


def stack(folder: Path, size: str, corpora: str) -> dict[str, Any]:
    """Fill a hub with so many resources, build its index and ask for the search page as two visitors."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {"HUB_VAR": str(folder), "DJANGO_SETTINGS_MODULE": SETTINGS}
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from benchmarks.recombined import Generator, read
    from search.rebuilding import rebuild

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    generator = Generator(read(Path(corpora)))
    make_pages(generator.items(int(size)))
    begun = time.process_time()
    rebuild()
    built = time.process_time() - begun
    member = make_member()

    from search.configuration import default_store
    from search.schema import ENTRY
    from search.snapshot import snapshot

    now = snapshot(default_store())
    found: dict[str, Any] = {
        "pages": int(size),
        "entries": int((now.live & (now.numbers("flags") & ENTRY > 0)).sum()),
        "build_seconds": round(built, 1),
        "queries": {},
        "bytes": {},
    }
    queries = generator.warm_queries()
    for who in ("anonymous", "member"):
        client = Client(SERVER_NAME="localhost", headers={"accept-language": "en"})
        if who == "member":
            client.force_login(member)
        found[who], found["queries"][who], found["bytes"][who] = asked(client, queries)
    return found


def asked(client: Any, queries: list[str]) -> tuple[dict[str, float], int, int]:
    """Give the times of a visitor's search pages, the most queries of one, and the bytes of the largest."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def ask(query: str) -> Any:
        response = client.get("/search/", {"q": query})
        assert response.status_code == 200, response.status_code
        return response

    most, largest = 0, 0
    for query in queries:
        with CaptureQueriesContext(connection) as caught:
            largest = max(largest, len(ask(query).content))
        most = max(most, len(caught))
    times = [each for _ in range(PASSES) for each in timed(ask, queries)]
    return quantiles(times), most, largest


def make_member() -> Any:
    """Make an associate member who is in one working group."""
    from members.models import Membership, Participation, Tier, User, WorkingGroup, today

    user = User.objects.create_user("member@example.org", "a-password-for-measuring", display_name="A member")
    first, last = today() - timedelta(days=30), today() + timedelta(days=300)
    Membership.objects.create(user=user, tier=Tier.objects.get(code="associate"), starts_on=first, ends_on=last)
    Participation.objects.create(user=user, group=WorkingGroup.objects.get(slug=GROUPS[0]), starts_on=first)
    return user


def make_pages(items: Iterator[dict[str, Any]]) -> None:
    """Write resources below a library of their own."""
    from django.db import transaction
    from wagtail.models import Locale, Page

    from core.models import HubPage, Topic, TopicOfPage
    from hub.models import HomePage
    from members.models import WorkingGroup
    from resources.models import ResourceIndexPage, ResourcePage

    home = HomePage.objects.get(locale__language_code="en", depth=2)
    library = ResourceIndexPage.objects.filter(locale=home.locale).first() or home.add_child(
        instance=ResourceIndexPage(title="Measured library", slug="measured", audience="public")
    )
    groups = [WorkingGroup.objects.get_or_create(slug=slug, defaults={"name": slug})[0] for slug in GROUPS]
    topics = [
        Topic.objects.get_or_create(slug=f"topic-{number}", defaults={"name": f"Topic {number}"})[0]
        for number in range(TOPICS)
    ]
    locales = {locale.language_code: locale for locale in Locale.objects.all()}
    tables = (Page, HubPage, ResourcePage)
    next_pk = Page.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1
    number = library.numchild
    while part := list(islice(items, BATCH)):
        pages, tagged = [], []
        for item in part:
            number += 1
            page = resource_of(item, library, number, locales, groups)
            page.pk = page.id = page.page_ptr_id = page.hubpage_ptr_id = next_pk
            next_pk += 1
            pages.append(page)
            slugs = {int(slug.removeprefix("topic-")) % TOPICS for slug in item["facets"]["topic"]}
            tagged += [TopicOfPage(tag=topics[each], content_object_id=page.pk) for each in slugs]
        with transaction.atomic():
            for table in tables:
                # bulk_create refuses tables that inherit; this is what it does for each.
                table._base_manager._insert(pages, fields=table._meta.local_concrete_fields, raw=True)
            TopicOfPage.objects.bulk_create(tagged)
    Page.objects.filter(pk=library.pk).update(numchild=number)


def resource_of(item: dict[str, Any], library: Any, number: int, locales: dict[str, Any], groups: list[Any]) -> Any:
    """Give one resource as its rows should be."""
    from django.contrib.contenttypes.models import ContentType

    from core.access import own_key
    from resources.models import ResourcePage

    tier, _, group_part = item["access_key"].partition(":")
    group = groups[int(group_part.removesuffix("+full")) % len(groups)] if group_part else None
    audience = tier if group is None else "group_full" if group_part.endswith("+full") else "group"
    key = own_key(audience, group.pk if group else None)
    body = [{"type": "paragraph", "value": f"<p>{_escaped(item['top'])}</p>"}]
    for heading, text in item["sections"]:
        body += [
            {"type": "heading", "value": {"text": heading, "level": "2"}},
            *({"type": "paragraph", "value": f"<p>{_escaped(each)}</p>"} for each in text.split("\n")),
        ]
    kind = item["kind"] if item["kind"] in ("practice", "tool", "lesson", "research", "insight") else "practice"
    return ResourcePage(
        title=item["title"],
        draft_title=item["title"],
        slug=f"item-{number}",
        path=library._get_path(library.path, library.depth + 1, number),
        depth=library.depth + 1,
        url_path=f"{library.url_path}item-{number}/",
        content_type=ContentType.objects.get_for_model(ResourcePage),
        locale=locales.get(item["language"], library.locale),
        translation_key=uuid.uuid4(),
        live=True,
        first_published_at=item["published_on"],
        last_published_at=item["published_on"],
        published_on=item["published_on"],
        summary=item["summary"],
        audience=audience,
        working_group=group,
        access_key=key,
        standing_key=key,
        teaser=item["teaser"],
        teaser_listed=item["teaser"],
        kind=kind,
        resource_kind=kind,
        body=[{**block, "id": str(uuid.uuid4())} for block in body],
        reading_minutes=2,
    )


def _escaped(text: str) -> str:
    from django.utils.html import escape

    return escape(text)
