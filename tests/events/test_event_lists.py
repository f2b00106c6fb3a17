"""The events page: upcoming and past, in the reader's language, and nothing of what is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import Locale

from core.models import HubPage
from events.models import EventIndexPage, EventPage
from tests import personas
from tests.events.conftest import JOIN, utc

pytestmark = pytest.mark.django_db

SEES = {
    "anonymous": {"public"},
    "lapsed": {"public"},
    "student": {"public", "members"},
    "associate": {"public", "members"},
    "full": {"public", "members", "full"},
    "seat": {"public", "members", "full"},
    "group_associate": {"public", "members", "group"},
    "group_full": {"public", "members", "full", "group", "group_full"},
    "author": {"public", "members", "group"},
    "lead": {"public", "members", "full", "group", "group_full"},
    "othermember": {"public", "members"},
    "otherlead": {"public", "members", "full"},
    "secretariat": {"public", "members", "full", "group", "group_full"},
    "board": {"public", "members", "full"},
}


@pytest.fixture
def one_of_each(people, make_event):
    group = personas.make_groups()[personas.GROUP]
    return {
        (audience, days): make_event(
            f"Canary {audience} {days}",
            in_days=days,
            audience=audience,
            working_group=group if audience.startswith("group") else None,
        )
        for audience in ("public", "members", "full", "group", "group_full")
        for days in (5, -5)
    }


@pytest.mark.parametrize("name", personas.NAMES)
def test_each_visitor_is_listed_exactly_what_he_or_she_may_open(name, client_of, section, one_of_each):
    html = client_of(name).get("/events/").content.decode()
    shown = {audience for (audience, days) in one_of_each if f"Canary {audience} {days}" in html}
    assert shown == SEES[name]
    assert JOIN not in html
    for audience, days in one_of_each:
        assert (f"Canary {audience} {days}" in html) == (audience in SEES[name])


@pytest.mark.parametrize("name", ["anonymous", "associate", "othermember"])
def test_counts_of_kinds_are_counts_of_what_the_visitor_may_list(name, client_of, make_event):
    make_event("Open", event_kind="webinar")
    make_event("Closed", event_kind="training", audience="full")
    html = client_of(name).get("/events/").content.decode()
    assert "Webinar" in html
    assert "Training" not in html


def test_a_teaser_is_listed_without_its_date_in_a_list_of_its_own(client, make_event):
    make_event("Soon", starts_at=utc(2031, 2, 3, 4, 5), audience="members", teaser=True, published_on=utc(2026, 1, 2))
    response = client.get("/events/")
    html = response.content.decode()
    assert "Soon" in html
    assert "2031" not in html
    assert "04:05" not in html
    assert response.context["upcoming"] == []
    assert [card.title for card in response.context["closed"]] == ["Soon"]


def test_the_order_of_teasers_does_not_tell_their_dates(client, make_event):
    make_event("Older notice, later event", in_days=90, audience="members", teaser=True, published_on=utc(2026, 1, 1))
    make_event("Newer notice, earlier event", in_days=-9, audience="members", teaser=True, published_on=utc(2026, 2, 1))
    titles = [card.title for card in client.get("/events/").context["closed"]]
    assert titles == ["Newer notice, earlier event", "Older notice, later event"]


def test_upcoming_events_begin_with_the_next_and_past_ones_with_the_latest(client, make_event):
    for days in (9, 2, -2, 5, -9):
        make_event(f"{days} days", in_days=days)
    context = client.get("/events/").context
    assert [event["title"] for event in context["upcoming"]] == ["2 days", "5 days", "9 days"]
    assert [event["title"] for event in context["past"]] == ["-2 days", "-9 days"]


def test_an_event_stays_among_the_coming_ones_until_it_has_ended(client, make_event):
    now = timezone.now()
    make_event("Going on", starts_at=now - timedelta(minutes=30), duration_minutes=60)
    make_event("Just over", starts_at=now - timedelta(minutes=61), duration_minutes=60)
    context = client.get("/events/").context
    assert [event["title"] for event in context["upcoming"]] == ["Going on"]
    assert [event["title"] for event in context["past"]] == ["Just over"]


def test_the_list_is_filtered_by_kind_and_keeps_its_counts(client, make_event):
    make_event("A webinar", event_kind="webinar")
    make_event("A training", event_kind="training")
    make_event("An old training", event_kind="training", in_days=-3)
    response = client.get("/events/?kind=training")
    html = response.content.decode()
    assert "A webinar" not in html
    assert "A training" in html
    assert "An old training" in html
    counts = {choice.value: choice.count for choice in response.context["facets"][0].choices}
    assert counts == {"webinar": 1, "training": 2}
    assert [item.remove_url for item in response.context["chosen"]] == ["/events/"]


@pytest.mark.parametrize(
    "query",
    [
        "kind=party",
        "kind=",
        "kind=%00",
        "kind=%ED%A0%80",
        "kind='%22<script>",
        "page=0",
        "page=-1",
        "page=99999999999999999999",
        "page=two",
        "q=" + "x" * 100_000,
        "kind=webinar&kind=webinar&kind=party",
    ],
)
def test_no_query_string_gives_an_error(query, client, make_event):
    make_event("Here")
    response = client.get(f"/events/?{query}")
    assert response.status_code == 200
    assert "Here" in response.content.decode()


def test_past_events_come_in_pages(client, make_event):
    for number in range(23):
        make_event(f"Event {number}", in_days=-1 - number, event_kind="meeting")
    first = client.get("/events/?kind=meeting")
    assert (len(first.context["past"]), first.context["past_total"]) == (20, 23)
    assert first.context["next_url"] == "/events/?kind=meeting&page=2"
    last = client.get("/events/?kind=meeting&page=7")
    assert [event["title"] for event in last.context["past"]] == ["Event 20", "Event 21", "Event 22"]
    assert (last.context["first"], last.context["last"]) == (21, 23)
    assert "Showing 21–23 of 23" in last.content.decode()


def test_each_item_is_listed_once_in_the_readers_best_language(client, section, make_event):
    german = Locale.objects.get(language_code="de")
    event = make_event("Webinar in English")
    only_english = make_event("Only English")
    section_de = EventIndexPage.objects.get(locale=german)
    section_de.add_child(instance=_translated(event, german, title="Webinar auf Deutsch"))
    english, german_list = client.get("/events/"), client.get("/de/events/")
    assert {item["title"] for item in english.context["upcoming"]} == {"Webinar in English", "Only English"}
    assert {item["title"] for item in german_list.context["upcoming"]} == {"Webinar auf Deutsch", "Only English"}
    assert only_english.url == "/events/only-english/"


def _translated(page: HubPage, locale: Locale, **fields):
    copy = type(page)(
        **{
            "title": page.title,
            "slug": page.slug,
            "locale": locale,
            "translation_key": page.translation_key,
            "audience": page.audience,
            **({"starts_at": page.starts_at} if isinstance(page, EventPage) else {}),
            **fields,
        }
    )
    return copy


def test_members_read_the_list_in_their_own_zone(client_of, people, make_event):
    make_event(starts_at=utc(2031, 7, 1, 12), time_zone="Europe/Berlin")
    people["full"].time_zone = "Africa/Nairobi"
    people["full"].save()
    html = client_of("full").get("/events/").content.decode()
    assert "All times are in your time zone, Africa/Nairobi." in html
    assert "15:00" in html
    assert "14:00 Berlin" in html
    stranger = client_of("anonymous").get("/events/").content.decode()
    assert "All times are in UTC" in stranger
    assert "12:00" in stranger


def test_an_empty_list_says_what_would_be_there(client, section):
    html = client.get("/events/").content.decode()
    assert "Nothing is planned at the moment" in html
    assert "No past events yet" in html


@pytest.mark.parametrize(("name", "most"), [("anonymous", 10), ("group_full", 14)])
def test_the_list_costs_as_many_queries_for_many_as_for_few(
    name, most, client_of, make_event, django_assert_max_num_queries
):
    def fill(count):
        for number in range(count):
            make_event(f"E{count} {number}", in_days=(number % 5 + 1) * (-1 if number % 2 else 1))
        make_event(f"T{count}", audience="full", teaser=True)

    fill(20)
    visitor = client_of(name)
    visitor.get("/events/")
    with django_assert_max_num_queries(most) as few:
        visitor.get("/events/")
    fill(20)
    visitor.get("/events/")
    with django_assert_max_num_queries(most) as many:
        visitor.get("/events/")
    assert len(few) == len(many)
