"""Mails about reviews: to whom, when, once, and with nothing in them that others should not read."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from smtplib import SMTPRecipientsRefused
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.utils import timezone
from wagtail.admin.mail import send_notification
from wagtail.models import TaskState

from groups.mails import remind_reviewers
from groups.submissions import ReviewMail
from members.models import Office, today

pytestmark = pytest.mark.django_db


def days(number: int):
    return timezone.now() + timedelta(days=number, minutes=1)


def to() -> list[str]:
    """Who got a mail since last asked, by the part of the address before the @."""
    found = sorted(address.split("@")[0] for message in mail.outbox for address in message.to)
    mail.outbox.clear()
    return found


def test_whoever_is_asked_gets_a_neutral_mail_once_it_is_sent(desk, django_capture_on_commit_callbacks):
    page = desk.page(title="Zxqv secret title")
    with django_capture_on_commit_callbacks(execute=True):
        desk.send("author", page)
    assert len(mail.outbox) == 1
    message = mail.outbox[0]
    assert message.subject == "Something waits for you"
    for word in ("Zxqv", "author", "Family", "A lead"):
        assert word not in message.subject + message.body
    assert "/admin/reviews/" in message.body
    assert to() == ["lead"]
    with django_capture_on_commit_callbacks(execute=True):
        desk.approve("lead", page)
    assert mail.outbox[0].subject == "There is an answer for you"
    assert "Zxqv" not in mail.outbox[0].body
    assert to() == ["author"], "and none of Wagtail's, whose subjects name the page"


def test_mails_are_in_the_language_of_whoever_gets_them(desk, django_capture_on_commit_callbacks):
    desk.people["lead"].language = "xx"
    desk.people["lead"].save()
    with django_capture_on_commit_callbacks(execute=True):
        desk.send("author", desk.page())
    assert mail.outbox[0].subject == "Something waits for you", "an unknown language is English"


def test_the_next_step_is_told_and_changes_asked_for_are_told_to_the_sender(desk, django_capture_on_commit_callbacks):
    page = desk.page()
    with django_capture_on_commit_callbacks(execute=True):
        desk.send("author", page)
        to()
        desk.ask_for_changes("lead", page)
    assert "author" in to()


def test_pages_sent_together_make_one_mail(desk, django_capture_on_commit_callbacks):
    book, chapters = desk.book(chapters=4)
    with django_capture_on_commit_callbacks(execute=True):
        desk.send("author", book, page=[str(page.pk) for page in (book, *chapters)])
    assert to() == ["lead"]
    assert remind_reviewers(days(6)) == 1
    assert to() == ["lead"]


def test_after_five_days_the_reviewer_is_reminded_and_after_fourteen_the_secretariat_is_asked(desk):
    page = desk.page()
    desk.send("author", page)
    assert remind_reviewers(days(4)) == 0
    assert to() == []
    assert remind_reviewers(days(5)) == 1
    assert to() == ["lead"]
    assert remind_reviewers(days(5)) == 0, "run twice, it sends nothing twice"
    assert remind_reviewers(days(9)) == 0
    assert remind_reviewers(days(14)) == 1
    assert mail.outbox[0].subject == "Something has waited for long"
    assert to() == ["secretariat"]
    assert remind_reviewers(days(15)) == remind_reviewers(days(60)) == 0


def test_after_fourteen_days_the_secretariat_finds_it_in_its_list_and_may_answer(desk):
    page = desk.page()
    desk.send("author", page)
    step = desk.step(page)
    TaskState.objects.filter(pk=step.pk).update(started_at=timezone.now() - timedelta(days=15))
    rows = desk.client("secretariat").get("/admin/reviews/").context["waiting"]
    assert [row["is_late"] for row in rows] == [True]
    assert desk.approve("secretariat", page).status_code == 302


def test_nobody_is_reminded_of_what_is_answered(desk):
    page = desk.page()
    desk.send("author", page)
    desk.ask_for_changes("lead", page)
    assert remind_reviewers(days(20)) == 0


def test_reminders_go_to_those_who_hold_the_office_that_day(desk):
    desk.holder("lead2", ends_on=today() + timedelta(days=3))
    desk.holder("lead3", starts_on=today() + timedelta(days=4))
    page = desk.page()
    desk.send("author", page)
    assert remind_reviewers(days(5)) == 2
    assert to() == ["lead", "lead3"]


def test_where_nobody_leads_any_more_the_secretariat_is_reminded(desk):
    page = desk.page()
    desk.send("author", page)
    Office.objects.filter(user=desk.people["lead"]).update(ends_on=today())
    assert remind_reviewers(days(5)) == 1
    assert to() == ["secretariat"]


def test_what_the_mail_server_refuses_is_kept_and_shown_and_not_sent_again(desk, monkeypatch, caplog):
    def refused(self, *args, **kwargs):
        raise SMTPRecipientsRefused({"lead@example.org": (550, b"no such user")})

    desk.send("author", desk.page())
    monkeypatch.setattr(EmailMessage, "send", refused)
    assert remind_reviewers(days(5)) == 0
    row = ReviewMail.objects.get(kind=ReviewMail.Kind.REMINDER)
    assert row.state == ReviewMail.State.FAILED
    assert "lead@example.org" not in caplog.text
    ReviewMail.objects.update(at=timezone.now() - timedelta(hours=1))
    shown = desk.client("secretariat").get("/admin/reviews/").content.decode()
    assert "did not go out" in shown
    assert "did not go out" not in desk.client("lead").get("/admin/reviews/").content.decode()


def test_a_crash_between_marking_and_sending_sends_nothing_twice(desk, monkeypatch):
    def crash(self, *args, **kwargs):
        raise KeyboardInterrupt

    desk.send("author", desk.page())
    with monkeypatch.context() as broken:
        broken.setattr(EmailMessage, "send", crash)
        with pytest.raises(KeyboardInterrupt):
            remind_reviewers(days(5))
    assert remind_reviewers(days(5)) == 0
    assert to() == []
    assert ReviewMail.objects.get(kind=ReviewMail.Kind.REMINDER).state == ReviewMail.State.SENDING


def test_the_command_says_how_many(desk):
    desk.send("author", desk.page())
    out = StringIO()
    call_command("remind_reviewers", f"--now={days(5):%Y-%m-%dT%H:%M}", stdout=out)
    assert out.getvalue().strip() == "1"


def test_wagtails_mails_about_comments_say_nothing_either(desk):
    page = desk.page(title="Zxqv secret title")
    more = {"page": page, "editor": desk.people["author"], "new_comments": [SimpleNamespace(text="Zxqv words")]}
    assert send_notification([desk.people["lead"]], "updated_comments", more)
    message = mail.outbox[0]
    assert message.subject == "Something new for you"
    assert f"/admin/pages/{page.pk}/edit/" in message.body
    for word in ("Zxqv", "author"):
        assert word not in message.subject + message.body
