"""Mails about saved searches: to whom, when, once, and how little they say."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from core.audience import set_audience
from core.models import HubPage
from hub import alerts
from hub.alerts import IndexIsBehind, send_alerts
from hub.models import SavedSearch, SearchAlert
from members.models import Membership, User
from search import outbox
from tests.hub.test_saved_searches import keep

Make = Callable[..., Any]
pytestmark = pytest.mark.django_db
NOW = timezone.now()
TOMORROW, IN_A_WEEK = NOW + timedelta(days=1, hours=1), NOW + timedelta(days=7, hours=1)


class Breaking(EmailBackend):
    """A mail server that fails."""

    def send_messages(self, messages: Any) -> int:
        raise SMTPServerDisconnected("member@example.org")


class Crash(BaseException):
    """The process ends here."""


class Crashing(EmailBackend):
    """A process that ends while it hands a mail over."""

    def send_messages(self, messages: Any) -> int:
        raise Crash


def wanted(user: User, alert: str = "daily", **fields: Any) -> SavedSearch:
    """A search whose owner wants to be told."""
    return keep(user, alert=alert, told_until=NOW, **fields)


@pytest.fixture
def new_item(make_resource: Make, indexed: Make) -> Any:
    """Something that was published just after the searches were saved."""
    page = make_resource("Secret flat", text="housing", audience="members", published_on=NOW + timedelta(minutes=5))
    indexed()
    return page


def test_a_mail_says_only_that_there_is_something_new(people: Any, new_item: Any) -> None:
    wanted(people["associate"], name="Flats")
    wanted(people["associate"], state="kind=practice", name="All practices")
    assert send_alerts(TOMORROW) == 1
    (message,) = mail.outbox
    assert message.to == ["associate@example.org"]
    assert message.subject == "Something new for you"
    text = f"{message.subject} {message.body} {message.message()}"
    for word in ("Secret", "secret", "flat", "Flat", "housing", "practice", "A associate", "INDEX "):
        assert word not in message.subject + message.body, word
    assert "/account/searches/" in message.body
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in text
    alert = SearchAlert.objects.get()
    assert (alert.user, alert.state) == (people["associate"], "sent")


def test_mails_are_in_the_language_of_their_reader(people: Any, new_item: Any) -> None:
    User.objects.filter(pk=people["full"].pk).update(language="de")
    wanted(people["full"])
    send_alerts(TOMORROW)
    assert "/de/account/searches/" in mail.outbox[0].body
    assert "/de/searches/stop/" in mail.outbox[0].body


def test_running_twice_sends_nothing_twice(people: Any, new_item: Any) -> None:
    wanted(people["associate"])
    assert [send_alerts(TOMORROW), send_alerts(TOMORROW), send_alerts(TOMORROW + timedelta(days=1))] == [1, 0, 0]


def test_each_is_told_as_often_as_he_or_she_wants(people: Any, new_item: Any) -> None:
    wanted(people["full"], "off")
    wanted(people["associate"], "daily")
    wanted(people["student"], "weekly")
    assert send_alerts(NOW + timedelta(minutes=10)) == 0
    assert send_alerts(TOMORROW) == 1
    assert send_alerts(IN_A_WEEK) == 1
    assert [message.to[0].split("@")[0] for message in mail.outbox] == ["associate", "student"]


def test_only_what_the_reader_may_open_at_that_moment_counts(people: Any, new_item: Any, indexed: Make) -> None:
    set_audience(HubPage.objects.get(pk=new_item.pk), "full")
    indexed()
    for name in ("associate", "full", "lapsed", "secretariat"):
        wanted(people[name])
    assert send_alerts(TOMORROW) == 2
    assert sorted(message.to[0] for message in mail.outbox) == ["full@example.org", "secretariat@example.org"]
    SavedSearch.objects.filter(user=people["associate"]).update(told_until=timezone.now())
    set_audience(HubPage.objects.get(pk=new_item.pk), "members")  # opened just after the associate was told
    indexed()
    assert send_alerts(TOMORROW + timedelta(days=1)) == 1
    assert mail.outbox[-1].to == ["associate@example.org"]


def test_what_was_unpublished_meanwhile_is_no_news(people: Any, new_item: Any, indexed: Make) -> None:
    wanted(people["associate"])
    HubPage.objects.get(pk=new_item.pk).specific.unpublish()
    indexed()
    assert send_alerts(TOMORROW) == 0


def test_people_who_are_no_members_that_day_are_told_nothing(people: Any, make_resource: Make, indexed: Make) -> None:
    make_resource("Open", text="housing", published_on=NOW + timedelta(minutes=5))
    indexed()
    search = wanted(people["associate"])
    membership = Membership.objects.get(user=people["associate"])
    past = datetime.combine(membership.ends_on + timedelta(days=31), datetime.min.time(), UTC)
    assert send_alerts(past) == 0
    search.refresh_from_db()
    assert search.told_until == NOW
    assert send_alerts(past - timedelta(days=1)) == 1
    User.objects.filter(pk=people["full"].pk).update(is_active=False)
    wanted(people["full"])
    assert send_alerts(TOMORROW) == 0


def test_a_run_that_waited_asks_who_may_read_today(people: Any, new_item: Any) -> None:
    search = wanted(people["associate"])
    SavedSearch.objects.filter(pk=search.pk).update(told_until=NOW - timedelta(days=60))
    Membership.objects.filter(user=people["associate"]).update(
        starts_on=(NOW - timedelta(days=400)).date(), ends_on=(NOW - timedelta(days=31)).date()
    )
    HubPage.objects.filter(pk=new_item.pk).update(first_published_at=NOW - timedelta(days=50))
    assert send_alerts(NOW - timedelta(days=40)) == 0


@pytest.mark.parametrize("meanwhile", ["stopped", "locked out"])
def test_who_stops_the_mails_while_others_are_sent_gets_none(people: Any, new_item: Any, meanwhile: str) -> None:
    user = people["associate"]
    wanted(user)
    as_read = list(alerts.by_owner())
    if meanwhile == "stopped":
        alerts.stop_alerts(user)
    else:
        User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(alerts, "by_owner", lambda: as_read)
        assert send_alerts(TOMORROW) == 0
    assert not mail.outbox
    assert not SearchAlert.objects.exists()


def test_that_somebody_was_told_is_kept_for_ninety_days(people: Any, new_item: Any) -> None:
    wanted(people["associate"])
    send_alerts(TOMORROW)
    SearchAlert.objects.create(user=people["full"], at=NOW - timedelta(days=91), state="sent")
    send_alerts(TOMORROW)
    assert [alert.user for alert in SearchAlert.objects.all()] == [people["associate"]]


def test_nothing_is_said_where_there_is_nothing_new(people: Any, make_resource: Make, indexed: Make) -> None:
    make_resource("Old", text="housing", published_on=NOW - timedelta(days=9))
    make_resource("Else", text="prison", published_on=NOW + timedelta(minutes=5))
    make_resource("To come", text="housing", published_on=TOMORROW + timedelta(days=3))
    indexed()
    wanted(people["associate"])
    assert send_alerts(TOMORROW) == 0
    assert not SearchAlert.objects.exists()


def test_a_mail_that_a_crash_left_is_shown_and_not_sent_again(
    people: Any, new_item: Any, settings: Any, client_of: Make
) -> None:
    wanted(people["associate"])
    settings.EMAIL_BACKEND = f"{__name__}.Crashing"
    with pytest.raises(Crash):
        send_alerts(TOMORROW)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_alerts(TOMORROW) == 0
    assert SearchAlert.objects.get().state == "sending"
    page = client_of("secretariat").get("/admin/reports/search-alerts/").content.decode()
    assert "handed over, end unknown" in page
    assert "associate" not in page


def test_a_mail_server_that_fails_stops_nobody_elses_mail_and_no_address_is_logged(
    people: Any, new_item: Any, settings: Any, caplog: Any
) -> None:
    wanted(people["associate"])
    wanted(people["full"])
    settings.EMAIL_BACKEND = f"{__name__}.Breaking"
    assert send_alerts(TOMORROW) == 0
    assert [alert.state for alert in SearchAlert.objects.all()] == ["failed", "failed"]
    assert "example.org" not in caplog.text
    assert "SMTPServerDisconnected" in caplog.text


@pytest.mark.own_engine(reason="it alone has an index that can be behind")
def test_nothing_is_sent_while_changes_wait_for_the_index(people: Any, new_item: Any, monkeypatch: Any) -> None:
    search = wanted(people["associate"])
    new_item.title = "Changed"
    new_item.save()
    monkeypatch.setattr(outbox, "drain_now", lambda: None)
    with pytest.raises(IndexIsBehind):
        send_alerts(TOMORROW)
    with pytest.raises(CommandError, match="Alerts wait"):
        call_command("send_search_alerts", stdout=StringIO())
    search.refresh_from_db()
    assert search.told_until == NOW


def test_the_command_takes_the_clock_and_says_how_many(people: Any, new_item: Any) -> None:
    wanted(people["associate"])
    out = StringIO()
    call_command("send_search_alerts", "--now", TOMORROW.isoformat(), stdout=out)
    assert out.getvalue() == "1\n"


# Stopping --------------------------------------------------------------------------------------------


def stop_path(text: str) -> str:
    """The path of the link that stops mails."""
    (path,) = re.findall(r"https?://[^/]+(/(?:\w\w/)?searches/stop/\S+)", text)
    return str(path)


def test_the_link_stops_mails_only_when_its_button_is_pressed(people: Any, new_item: Any) -> None:
    for search in (wanted(people["associate"]), wanted(people["associate"], state="q=other"), wanted(people["full"])):
        assert search.alert == "daily"
    send_alerts(TOMORROW)
    message = next(each for each in mail.outbox if each.to == ["associate@example.org"])
    path = stop_path(message.body)
    stranger = Client(enforce_csrf_checks=True)
    page = stranger.get(path)
    assert page.status_code == 200
    assert not page.cookies
    assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert b"example.org" not in page.content
    assert set(SavedSearch.objects.values_list("alert", flat=True)) == {"daily"}
    for _time in range(2):
        assert stranger.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert set(people["associate"].saved_searches.values_list("alert", flat=True)) == {"off"}
    assert people["full"].saved_searches.get().alert == "daily"


def test_a_link_that_is_not_ours_is_not_there(people: Any, new_item: Any) -> None:
    wanted(people["associate"])
    send_alerts(TOMORROW)
    path = stop_path(mail.outbox[0].body)
    number = people["associate"].pk
    for wrong in (
        path.replace(f"{number}:", f"{number + 1}:"),
        path[:-2] + "/",
        "/searches/stop/1/",
        "/searches/stop/%00/",
        "/searches/stop/" + "a" * 4000 + "/",
    ):
        assert Client().post(wrong).status_code == 404, wrong
    people["associate"].delete()
    assert Client().get(path).status_code == 404
