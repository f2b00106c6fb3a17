"""Setting a new password by e-mail, and changing it: the same answer for everybody."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tasks_db.models import DBTaskResult

from members.models import User
from members.password_link import send_password_link
from tests.personas import PASSWORD

pytestmark = pytest.mark.django_db

RESET = "/accounts/password/reset/"
NEW = "a-new-and-better-one"


@pytest.fixture(autouse=True)
def limits(settings):
    """The limits of a real hub, with nothing counted yet, under the hub's own name."""
    settings.ACCOUNT_RATE_LIMITS = {}
    settings.WAGTAILADMIN_BASE_URL = "https://hub.example.org"
    cache.clear()
    yield
    cache.clear()


def run_worker() -> None:
    """Do what waits in the queue. The worker itself opens a transaction of its own, which a test
    that is rolled back cannot give it."""
    for waiting in DBTaskResult.objects.ready().filter(backend_name="slow"):
        waiting.task.call(*waiting.task_result.args, **waiting.task_result.kwargs)
        waiting.delete()


def ask(client, email="ada@example.org"):
    return client.post(RESET, {"email": email})


def link_in(letter) -> str:
    """The path of the link in a letter, which must be on the hub's own name."""
    found = re.search(r"^https://hub\.example\.org(/\S+)$", letter.body, re.MULTILINE)
    assert found
    return found[1]


def test_a_link_comes_by_mail_and_sets_a_new_password_once(client, user):
    assert ask(client)["Location"] == f"{RESET}done/"
    run_worker()
    (letter,) = mail.outbox
    assert letter.to == ["ada@example.org"]
    form = client.get(link_in(letter), follow=True)
    assert form.redirect_chain[-1][0].endswith("-set-password/")
    response = client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert response["Location"] == "/accounts/password/reset/key/done/"
    assert User.objects.get(pk=user.pk).check_password(NEW)
    again = Client().get(link_in(letter))
    assert "does not work any more" in again.content.decode()
    assert "was changed" in mail.outbox[1].subject
    assert not EmailAddress.objects.exists()


def test_the_answer_is_the_same_for_known_and_unknown_addresses(user):
    answers, rows, queries = [], [], []
    for email in ("ada@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connection) as captured:
            response = ask(Client(), email)
        answers.append((response.status_code, response["Location"], response.content))
        queries.append(len(captured))
        rows.append(DBTaskResult.objects.count())
    assert answers[0] == answers[1]
    assert queries[0] == queries[1]
    assert rows == [1, 2]
    assert mail.outbox == []


def test_nobody_is_written_to_at_an_unknown_or_closed_address(client, user):
    User.objects.update(is_active=False)
    ask(client)
    ask(client, "nobody@example.org")
    run_worker()
    assert mail.outbox == []


def test_the_queue_holds_no_address(client, user):
    ask(client)
    ask(client, "nobody@example.org")
    kept = str(list(DBTaskResult.objects.values()))
    assert "@" not in kept


def test_asking_too_often_is_answered_alike_for_known_and_unknown_addresses(user):
    answers = []
    for email in ("ada@example.org", "nobody@example.org"):
        client = Client()
        answers.append([ask(client, email).status_code for _try in range(6)])
    assert answers[0] == answers[1] == [302, 302, 302, 302, 302, 429]


def test_the_letter_is_short_and_says_nothing_of_the_network(client, user):
    ask(client)
    run_worker()
    (letter,) = mail.outbox
    words = letter.subject + letter.body.replace("https://hub.example.org", "")
    for telling in ("INDEX", "Ada", "ada@", "disengagement", "exit"):
        assert telling not in words


def test_the_letter_is_in_the_persons_language(client, make_user):
    make_user("bo@example.org", language="ar")
    ask(client, "bo@example.org")
    run_worker()
    assert link_in(mail.outbox[0]).startswith("/ar/accounts/")


def test_the_link_never_takes_its_host_from_the_request(client, user, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client.post(RESET, {"email": "ada@example.org"}, headers={"host": "evil.example"})
    run_worker()
    assert "evil.example" not in mail.outbox[0].body


def test_a_person_without_a_password_gets_one_by_the_link(client, make_user):
    person = make_user("bo@example.org")
    person.set_unusable_password()
    person.save()
    ask(client, "bo@example.org")
    run_worker()
    form = client.get(link_in(mail.outbox[0]), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert Client().login(email="bo@example.org", password=NEW)


def test_a_new_password_ends_the_wait_after_wrong_tries(client, user):
    for _try in range(5):
        client.post("/accounts/login/", {"login": user.email, "password": "wrong"})
    ask(client)
    run_worker()
    form = client.get(link_in(mail.outbox[0]), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    response = client.post("/accounts/login/", {"login": user.email, "password": NEW})
    assert response.status_code == 302


def test_what_the_mail_server_says_of_an_address_is_not_kept(user, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(RuntimeError, match=f"person {user.pk}") as failed:
        send_password_link.call(user.pk)
    assert failed.value.__suppress_context__


@pytest.mark.parametrize("email", ["", "nonsense", "a@b", "x" * 100_000, "\x00@example.org"])
def test_what_is_no_address_is_refused_beside_the_field(client, email):
    response = ask(client, email)
    assert response.status_code == 200
    assert response.context["form"].errors["email"]
    assert not DBTaskResult.objects.exists()


@pytest.mark.parametrize("new", ["short", "password12", "ada@example.org"])
def test_a_weak_password_is_refused_beside_the_field(client, user, new):
    client.force_login(user)
    response = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert response.context["form"].errors["password1"]
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_changing_a_password_needs_the_old_one_and_ends_other_sessions(client, user):
    elsewhere = Client()
    for each in (client, elsewhere):
        each.force_login(user)
    words = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    refused = client.post("/accounts/password/change/", words)
    assert refused.context["form"].errors["oldpassword"] == ["This is not your current password."]
    response = client.post("/accounts/password/change/", {**words, "oldpassword": PASSWORD})
    assert response["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_who_has_no_password_yet_is_sent_to_get_one(client, user):
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    assert client.get("/accounts/password/change/")["Location"] == RESET


def test_a_stranger_is_asked_to_sign_in_before_changing_a_password(client):
    response = client.get("/accounts/password/change/")
    assert response["Location"] == "/accounts/login/?next=/accounts/password/change/"
