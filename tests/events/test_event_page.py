"""One event: what each sort of visitor is shown of it, and what never leaves the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.audience import set_audience
from events.models import EventPage
from tests import personas
from tests.events.conftest import JOIN, utc

pytestmark = pytest.mark.django_db

MEMBERS = {name for name in personas.NAMES if name not in ("anonymous", "lapsed")}
FULL = {"full", "seat", "group_full", "lead", "otherlead", "secretariat", "board"}


@pytest.mark.parametrize("name", personas.NAMES)
def test_the_join_link_of_a_public_event_is_for_those_who_are_signed_in(name, client_of, make_event):
    event = make_event()
    html = client_of(name).get(event.url).content.decode()
    assert (JOIN in html) == (name != "anonymous")


@pytest.mark.parametrize("name", personas.NAMES)
def test_a_closed_event_and_its_join_link_are_for_those_who_may_read_it(name, client_of, make_event):
    event = make_event("Canary title", audience="full")
    response = client_of(name).get(event.url)
    may = name in FULL
    assert response.status_code == (200 if may else 404)
    assert (JOIN in response.content.decode()) == may
    assert ("Canary title" in response.content.decode()) == may


@pytest.mark.parametrize("name", personas.NAMES)
def test_a_teaser_never_shows_link_speakers_or_date(name, client_of, make_event):
    event = make_event(
        "Teased", audience="full", teaser=True, summary="What it is about.", starts_at=utc(2031, 5, 6, 7, 8)
    )
    html = client_of(name).get(event.url).content.decode()
    may = name in FULL
    assert "What it is about." in html
    for secret in (JOIN, "Miriam", "2031", "07:08"):
        assert (secret in html) == may, secret


def test_the_join_link_is_gone_when_the_event_is_over(client_of, make_event):
    event = make_event(in_days=-1)
    html = client_of("full").get(event.url).content.decode()
    assert JOIN not in html
    assert "Over" in html


def test_an_event_that_goes_on_now_says_so_and_still_has_its_link(client_of, make_event):
    event = make_event(starts_at=timezone.now() - timedelta(minutes=10))
    html = client_of("full").get(event.url).content.decode()
    assert JOIN in html
    assert "On now" in html


def test_the_join_link_is_nowhere_in_the_entries_for_search(make_event):
    event = make_event(body=[("paragraph", "<p>Text</p>")], transcript="[00:00:01] **A:** Hello")
    assert JOIN not in repr(list(event.search_entries()))
    assert "meet.example" not in repr(list(event.search_entries()))


def test_a_stranger_reads_times_in_utc_and_by_the_hosts_clock(client, make_event):
    event = make_event(starts_at=utc(2031, 7, 1, 12), time_zone="Africa/Nairobi", duration_minutes=75)
    html = client.get(event.url).content.decode()
    assert "When, in UTC" in html
    assert '<time datetime="2031-07-01T12:00:00Z">Tuesday, 1 July 2031, 12:00</time>' in html
    assert '<time datetime="2031-07-01T12:00:00Z">Tuesday, 1 July 2031, 15:00</time>' in html
    assert "Nairobi" in html
    assert "UTC+3" in html


def test_a_member_reads_times_in_the_zone_of_the_profile(client_of, people, make_event):
    people["full"].time_zone = "America/New_York"
    people["full"].save()
    event = make_event(starts_at=utc(2031, 7, 1, 2), time_zone="Europe/Berlin")
    html = client_of("full").get(event.url).content.decode()
    assert "When, in your time zone" in html
    assert "Monday, 30 June 2031, 22:00" in html
    assert "Tuesday, 1 July 2031, 04:00" in html


@pytest.mark.parametrize(("day", "shown"), [(28, "14:00"), (29, "15:00")])
def test_times_are_right_on_both_sides_of_a_change_of_the_clocks(client, make_event, day, shown):
    event = make_event(starts_at=utc(2026, 3, day, 13), time_zone="Europe/Berlin")
    assert f"{day} March 2026, {shown}" in client.get(event.url).content.decode()


def test_a_zone_with_the_same_time_is_not_told_twice(client, make_event):
    event = make_event(starts_at=utc(2031, 1, 1, 12), time_zone="Africa/Accra")
    assert "host’s clock" not in client.get(event.url).content.decode()


def test_the_transcript_has_a_place_for_each_mark(client, make_event):
    event = make_event(transcript="[00:00:20] **Tomas:** Welcome <all>.\n\n[00:03:10] **Miriam:** Why?", in_days=-2)
    html = client.get(event.url).content.decode()
    assert '<p id="t-00-03-10">' in html
    assert 'href="#t-00-03-10"' in html
    assert "Welcome &lt;all&gt;." in html


def test_the_transcript_is_found_minute_by_minute(make_event):
    event = make_event(transcript="[00:00:20] **Tomas:** Welcome.\n[00:03:10] **Miriam:** Why?\n[00:03:14] Because.")
    places = [(p.anchor, p.label) for p in event.search_places()]
    assert places == [("", ""), ("#t-00-00-20", "at 0 min"), ("#t-00-03-10", "at 3 min")]
    entries = list(event.search_entries())
    assert [entry.main for entry in entries] == [True, False, False]
    assert "Miriam: Why? Because." in entries[2].text
    assert {"Miriam"} <= set(entries[0].text.replace(",", "").split())


def test_a_closed_event_with_a_teaser_gives_its_words_to_no_one_else(make_event):
    event = make_event(audience="full", teaser=True, transcript="[00:01] secretword", summary="Open words")
    public = [entry for entry in event.search_entries() if entry.key == "public"]
    assert [entry.teaser for entry in public] == [True]
    assert "secretword" not in repr(public)
    assert all(entry.key == "full" for entry in event.search_entries() if not entry.teaser)


def test_the_kind_and_the_context_are_facets(make_event):
    event = make_event(event_kind="training", setting=["prison"], stage=["aftercare"])
    assert event.kind == "training"
    facets = event.search_facets()
    assert (facets["kind"], facets["setting"], facets["library"]) == (["training"], ["prison"], ["yes"])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": 100_000}, "duration_minutes"),
        ({"time_zone": "Middle/Earth"}, "time_zone"),
        ({"join_link": "javascript:alert(1)"}, "join_link"),
        ({"join_link": "http://meet.example/x"}, "join_link"),
        ({"recording_url": "ftp://meet.example/x"}, "recording_url"),
        ({"starts_at": utc(1026, 3, 1)}, "starts_at"),
        ({"transcript": "[00:03] A\n[00:02] B"}, "transcript"),
        ({"event_kind": "party"}, "event_kind"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(make_event, fields, field):
    with pytest.raises(ValidationError) as refused:
        make_event(**fields)
    assert field in refused.value.message_dict
    assert not EventPage.objects.exists()


def test_the_database_holds_that_an_event_ends_after_it_begins(make_event):
    event = make_event()
    with pytest.raises(IntegrityError), transaction.atomic():
        EventPage.objects.filter(pk=event.pk).update(ends_at=event.starts_at)


def test_a_change_of_the_beginning_moves_the_end(make_event):
    event = make_event(starts_at=utc(2031, 1, 1, 12), duration_minutes=90)
    event.starts_at = utc(2031, 1, 2, 12)
    event.save()
    event.refresh_from_db()
    assert event.ends_at == utc(2031, 1, 2, 13, 30)


def test_a_recording_file_is_shown_to_those_who_may_open_it(client_of, make_event, home):
    from django.core.files.base import ContentFile

    from core.models import HubDocument

    file = HubDocument(title="Sound of the first part", audience="full")
    file.file.save("sound.txt", ContentFile(b"sound"), save=False)
    file.save()
    event = make_event(in_days=-2, recording_file=file, recording="Both agreed.")
    assert "Sound of the first part" not in client_of("associate").get(event.url).content.decode()
    assert "Both agreed." in client_of("anonymous").get(event.url).content.decode()


def test_topics_lead_into_the_library_and_files_are_those_the_visitor_may_open(client_of, make_event):
    from django.core.files.base import ContentFile

    from core.models import FileOfPage, HubDocument, Topic

    topic = Topic.objects.create(name="Housing", slug="housing")
    event = make_event(topics=[topic])
    for title, audience in [("Open sheet", "public"), ("Closed sheet", "full")]:
        document = HubDocument(title=title, audience=audience)
        document.file.save(f"{audience}.txt", ContentFile(b"words"), save=False)
        document.save()
        event.files.add(FileOfPage(document=document))
    event.save()
    html = client_of("anonymous").get(event.url).content.decode()
    assert 'href="/library/?topic=housing"' in html
    assert "Open sheet" in html
    assert "Closed sheet" not in html
    assert "Closed sheet" in client_of("full").get(event.url).content.decode()


def test_only_the_secretariat_sees_the_way_to_edit(client_of, make_event):
    event = make_event()
    for name in personas.NAMES:
        html = client_of(name).get(event.url).content.decode()
        assert (f"/admin/pages/{event.pk}/edit/" in html) == (name == "secretariat")


@pytest.mark.parametrize(("name", "most"), [("anonymous", 10), ("group_full", 14)])
def test_an_event_costs_few_queries(name, most, client_of, make_event, django_assert_max_num_queries):
    event = make_event(
        transcript="\n".join(f"[{n:02}:00] **A:** Words." for n in range(50)), speakers=[f"S{n}" for n in range(9)]
    )
    visitor = client_of(name)
    visitor.get(event.url)
    with django_assert_max_num_queries(most):
        assert visitor.get(event.url).status_code == 200


def test_reading_an_event_writes_nothing(client_of, make_event):
    event = make_event()
    visitor = client_of("full")
    with connection.execute_wrapper(only_reads):
        assert visitor.get(event.url).status_code == 200


def only_reads(execute, sql, params, many, context):
    assert sql.lstrip("( \n").upper().startswith(("SELECT", "SAVEPOINT", "RELEASE")), sql
    return execute(sql, params, many, context)


def test_closing_an_event_closes_its_calendar_file(client, make_event):
    event = make_event()
    address = f"/events/calendar/{event.pk}.ics"
    assert client.get(address).status_code == 200
    set_audience(event, "members")
    assert client.get(address).status_code == 404
