"""The secretariat's form of an event: times by the host's clock, words beside what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from events.models import EventPage
from tests.events.conftest import utc

pytestmark = pytest.mark.django_db


def form(**changes: Any) -> dict[str, Any]:
    fields = {
        "title": "A webinar",
        "slug": "a-webinar",
        "summary": "",
        "audience": "members",
        "working_group": "",
        "event_kind": "webinar",
        "starts_at": "2031-07-01 14:00",
        "duration_minutes": "60",
        "time_zone": "Europe/Berlin",
        "capacity": "",
        "join_link": "",
        "poor_line": rich_text(""),
        "afterwards": rich_text(""),
        "recording": "",
        "recording_url": "",
        "recording_file": "",
        "transcript": "",
        "body": streamfield([]),
        "speakers": inline_formset([{"name": "Ada", "role": "Nurse"}]),
        "files": inline_formset([]),
        "topics": "",
        "keywords": "",
        "review_by": "",
        "published_on": "",
        "action-publish": "1",
        **changes,
    }
    return nested_form_data(fields)


@pytest.fixture
def editor(client_of):
    return client_of("secretariat")


def add(editor, section, **changes: Any):
    return editor.post(f"/admin/pages/add/events/eventpage/{section.pk}/", form(**changes))


def wrong(response) -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: list(map(str, words)) for name, words in response.context["form"].errors.items()}


def test_the_form_opens(editor, section):
    html = editor.get(f"/admin/pages/add/events/eventpage/{section.pk}/").content.decode()
    assert "Time zone of the host" in html
    assert "Africa/Nairobi" in html


def test_the_time_is_what_the_hosts_clock_shows(editor, section):
    response = add(editor, section)
    assert response.status_code == 302
    event = EventPage.objects.get()
    assert event.starts_at == utc(2031, 7, 1, 12)
    assert event.ends_at == utc(2031, 7, 1, 13)
    assert [speaker.name for speaker in event.speakers.all()] == ["Ada"]
    assert event.live


def test_the_form_shows_the_hosts_clock_again_and_saving_it_changes_nothing(editor, section):
    add(editor, section)
    event = EventPage.objects.get()
    edit = f"/admin/pages/{event.pk}/edit/"
    assert editor.get(edit).context["form"]["starts_at"].value().strftime("%Y-%m-%d %H:%M") == "2031-07-01 14:00"
    speaker = event.speakers.get()
    again = form(speakers=inline_formset([{"id": str(speaker.pk), "name": "Ada", "role": "Nurse"}], initial=1))
    assert editor.post(edit, again).status_code == 302
    event.refresh_from_db()
    assert event.starts_at == utc(2031, 7, 1, 12)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"starts_at": "2031-13-45 99:00"}, "starts_at", "valid date"),
        ({"starts_at": ""}, "starts_at", "required"),
        ({"starts_at": "2026-03-29 02:30"}, "starts_at", "clocks of this time zone go forward"),
        ({"starts_at": "0001-01-01 00:00", "time_zone": "Asia/Tokyo"}, "starts_at", "hoose another"),
        ({"starts_at": "1026-03-29 02:30"}, "starts_at", "year lies outside"),
        ({"time_zone": "Middle/Earth"}, "time_zone", "valid choice"),
        ({"duration_minutes": "0"}, "duration_minutes", "greater than or equal to 1"),
        ({"duration_minutes": "-5"}, "duration_minutes", "greater than or equal to"),
        ({"duration_minutes": "99999999999"}, "duration_minutes", "less than or equal to"),
        ({"join_link": "javascript:alert(1)"}, "join_link", "valid URL"),
        ({"join_link": "http://meet.example/x"}, "join_link", "https://"),
        ({"transcript": "[00:09] A\n[00:01] B"}, "transcript", "line 2"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_saved(editor, section, changes, field, words):
    problems = wrong(add(editor, section, **changes))
    assert any(words in problem for problem in problems[field]), problems
    assert not EventPage.objects.exists()


def test_a_draft_is_kept_and_not_shown(editor, client, section):
    fields = form()
    del fields["action-publish"]
    assert editor.post(f"/admin/pages/add/events/eventpage/{section.pk}/", fields).status_code == 302
    event = EventPage.objects.get()
    assert not event.live
    assert client.get(event.url).status_code == 404
    assert editor.get(f"/admin/pages/{event.pk}/edit/").status_code == 200
