"""The member's own page: what I am, until when, what it opens, and what I may change."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from members.models import Office, Participation, Tier, User, WorkingGroup
from tests.personas import member, seat

pytestmark = pytest.mark.django_db

ACCOUNT = "/account/"
FIRST, LAST = date(2027, 3, 10), date(2027, 9, 20)
SETTINGS = {"display_name": "Wren", "language": "fr", "time_zone": "Africa/Nairobi"}


@pytest.fixture(autouse=True)
def grace(settings):
    settings.MEMBERSHIP_GRACE_DAYS = 30


def text_on(client, user, on: date) -> str:
    """The words of the page on a day."""
    with time_machine.travel(datetime(on.year, on.month, on.day, 12, tzinfo=UTC), tick=False):
        client.force_login(user)
        return " ".join(client.get(ACCOUNT).content.decode().split())


def test_a_stranger_is_asked_to_sign_in_and_returns_here(client):
    assert client.get(ACCOUNT)["Location"] == "/accounts/login/?next=/account/"
    assert client.post(ACCOUNT, SETTINGS)["Location"] == "/accounts/login/?next=/account/"
    assert client.get("/de/account/")["Location"] == "/de/accounts/login/?next=/de/account/"


def test_the_page_is_never_kept(client, user):
    client.force_login(user)
    assert "no-store" in client.get(ACCOUNT)["Cache-Control"]
    assert "private" in client.get(ACCOUNT)["Cache-Control"]


def test_a_current_member_reads_tier_days_and_what_they_open(client, user):
    member(user, "associate", FIRST, LAST)
    text = text_on(client, user, LAST)
    assert "Associate" in text
    assert "From 10 March 2027 to 20 September 2027" in text
    opened, closed = text.split("What it does not open")
    assert "Working groups, by theme" in opened
    assert "Supervision and case rooms" not in opened
    assert "Supervision and case rooms" in closed
    assert "Full, Organisational" in closed


def test_a_full_member_reads_of_nothing_that_is_closed(client, user):
    member(user, "full", FIRST, LAST)
    text = text_on(client, user, LAST)
    assert "Supervision and case rooms" in text
    assert "What it does not open" not in text


def test_a_seat_names_the_organisation_that_gives_it(client, user):
    seat(user, (FIRST, LAST), FIRST)
    assert "Your seat is given by A body" in text_on(client, user, LAST)


@pytest.mark.parametrize("on", [date(2027, 9, 21), date(2027, 10, 20)])
def test_in_grace_it_is_said_until_when_everything_stays_open(client, user, on):
    member(user, "full", FIRST, LAST)
    text = text_on(client, user, on)
    assert "Your membership ended on 20 September 2027" in text
    assert "stays open to you until 20 October 2027" in text
    assert "What it opens" in text


def test_after_grace_the_same_session_is_told_how_to_renew(client, user):
    member(user, "full", FIRST, LAST)
    group = WorkingGroup.objects.create(name="Trauma", slug="trauma", kind="theme")
    Participation.objects.create(user=user, group=group, starts_on=FIRST)
    with time_machine.travel(datetime(2027, 10, 20, 23, 59, tzinfo=UTC), tick=False) as clock:
        client.force_login(user)
        assert "Trauma" in client.get(ACCOUNT).content.decode()
        clock.shift(120)
        text = client.get(ACCOUNT).content.decode()
    assert "Your membership ended on 20 September 2027" in text
    assert "Once you renew it" in text
    assert "What it opens" not in text
    assert "Trauma" not in text


def test_who_never_was_a_member_reads_so(client, user):
    assert "You have no membership at present" in text_on(client, user, LAST)


def test_working_groups_come_with_offices_and_their_last_day(client, user):
    member(user, "full", FIRST, LAST)
    group = WorkingGroup.objects.create(name="Trauma", name_de="Traumata", slug="trauma", kind="theme")
    WorkingGroup.objects.create(name="Media", slug="media", kind="theme")
    Participation.objects.create(user=user, group=group, starts_on=FIRST)
    Office.objects.create(user=user, group=group, role="lead", starts_on=FIRST, ends_on=date(2027, 9, 30))
    text = text_on(client, user, LAST)
    assert "Trauma" in text
    assert "lead, until 30 September 2027" in text
    assert "Media" not in text


def test_nobody_reads_another_persons_things_or_any_legal_name(client, make_user):
    someone = make_user("bo@example.org", display_name="Borislava", legal_name="Robert Legal")
    member(someone, "full", FIRST, LAST)
    me = make_user("me@example.org", display_name="Me", legal_name="Mary Legal")
    text = text_on(client, me, LAST)
    for private in ("Borislava", "bo@example.org", "Robert Legal", "Mary Legal"):
        assert private not in text
    assert "me@example.org" in text


def test_a_person_changes_name_language_and_time_zone(client, user):
    client.force_login(user)
    response = client.post(ACCOUNT, SETTINGS, follow=True)
    assert response.redirect_chain == [(ACCOUNT, 302)]
    assert "Your settings are saved." in response.content.decode()
    user.refresh_from_db()
    assert (user.display_name, user.language, user.time_zone) == tuple(SETTINGS.values())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", ""),
        ("display_name", "   "),
        ("display_name", "x" * 81),
        ("display_name", "ada@example.org"),
        ("display_name", "a\x00b"),
        ("language", "tlh"),
        ("time_zone", "Mars/Olympus_Mons"),
        ("time_zone", "../../etc/passwd"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_nothing_changes(client, user, field, value):
    client.force_login(user)
    response = client.post(ACCOUNT, {**SETTINGS, field: value})
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {field}
    assert f'href="#id_{field}"' in response.content.decode()
    user.refresh_from_db()
    assert user.display_name == "Ada"
    # What was refused is not shown as the person's name in the page's header either.
    assert response.context["request"].user.display_name == "Ada"


def test_nothing_else_is_changed_by_what_a_browser_sends(client, user):
    client.force_login(user)
    more = {"email": "new@example.org", "is_superuser": "on", "legal_name": "X", "groups": "1", "is_active": ""}
    client.post(ACCOUNT, {**SETTINGS, **more})
    user = User.objects.get(pk=user.pk)
    assert (user.email, user.is_superuser, user.legal_name, user.is_active) == ("ada@example.org", False, "", True)
    assert not user.groups.exists()


def test_only_the_secretariat_is_shown_the_way_to_the_administration(client, user, secretariat):
    client.force_login(user)
    assert 'href="/admin/"' not in client.get(ACCOUNT).content.decode()
    client.force_login(secretariat)
    assert 'href="/admin/"' in client.get(ACCOUNT).content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_the_page_takes_no_other_method(client, user, method):
    client.force_login(user)
    assert getattr(client, method)(ACCOUNT).status_code == 405


@pytest.mark.parametrize("held", [1, 12])
def test_the_page_costs_the_same_however_many_groups_there_are(client, user, held, django_assert_max_num_queries):
    member(user, "associate", FIRST, LAST)
    for number in range(held):
        group = WorkingGroup.objects.create(name=f"G{number}", slug=f"g{number}", kind="theme")
        Participation.objects.create(user=user, group=group, starts_on=FIRST)
        Office.objects.create(user=user, group=group, role="author", starts_on=FIRST)
    assert Tier.objects.count() == 4
    with time_machine.travel(datetime(2027, 4, 1, tzinfo=UTC), tick=False):
        client.force_login(user)
        client.get(ACCOUNT)
        with django_assert_max_num_queries(18):
            client.get(ACCOUNT)
