"""Signing in and out: nobody learns from an answer whether an address is known here."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from members.models import User
from tests.personas import PASSWORD

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def limits(settings):
    """The limits of a real hub, with nothing counted yet."""
    settings.ACCOUNT_RATE_LIMITS = {}
    cache.clear()
    yield
    cache.clear()


def sign_in(client, login="ada@example.org", password=PASSWORD, **more):
    return client.post(LOGIN, {"login": login, "password": password, **more})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("login", ["ada@example.org", "ADA@Example.ORG", "  Ada@example.org "])
def test_a_person_signs_in_however_the_address_is_written(client, user, login):
    response = sign_in(client, login)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert signed_in(client)


def test_signing_in_leads_to_the_home_page_of_ones_own_language(client, make_user):
    make_user("bo@example.org", language="fr")
    assert sign_in(client, "bo@example.org")["Location"] == "/fr/"


def test_signing_in_keeps_no_second_list_of_addresses(client, user):
    sign_in(client)
    assert not EmailAddress.objects.exists()


def test_a_wrong_password_and_an_unknown_address_get_the_same_page(user):
    def page(login: str) -> str:
        client = Client()
        response = sign_in(client, login, "not-the-password")
        assert response.status_code == 200
        assert not signed_in(client)
        return response.content.decode().replace(login, "ADDRESS")

    def without_token(text: str) -> list[str]:
        return [line for line in text.splitlines() if "csrfmiddlewaretoken" not in line]

    known, unknown = page("ada@example.org"), page("nobody@example.org")
    assert without_token(known) == without_token(unknown)
    assert "do not belong together" in known


def test_a_wrong_password_and_an_unknown_address_cost_one_hash_each(user, monkeypatch):
    from django.contrib.auth import hashers

    hashed = []
    encode = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(
        hashers.MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(1) or encode(self, password, salt),
    )
    costs = []
    for login in ("ada@example.org", "nobody@example.org"):
        hashed.clear()
        sign_in(Client(), login, "not-the-password")
        costs.append(len(hashed))
    assert costs == [1, 1]


def test_who_may_not_sign_in_is_told_so_only_with_the_right_password(client, user):
    User.objects.update(is_active=False)
    assert "do not belong together" in sign_in(client, password="wrong").content.decode()
    response = sign_in(client)
    assert response["Location"] == reverse("account_inactive")
    assert not signed_in(client)
    assert "closed" in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize("login", ["ada@example.org", "nobody@example.org"])
def test_after_five_wrong_tries_even_the_right_password_has_to_wait(client, user, login):
    for _try in range(5):
        sign_in(client, login, "not-the-password")
    response = sign_in(client, login)
    assert "Too many tries" in response.content.decode()
    assert not signed_in(client)


def test_one_visitor_cannot_try_many_addresses(client, user):
    for number in range(10):
        sign_in(client, f"nobody{number}@example.org", "not-the-password")
    response = sign_in(client)
    assert "Too many tries" in response.content.decode()
    assert not signed_in(client)


def test_very_many_tries_get_a_page_that_says_so(client, user):
    for _try in range(30):
        sign_in(client, "", "")
    response = sign_in(client)
    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/library/?kind=tool", "/library/?kind=tool"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\\evil.example", "/"),
        ("http:///evil.example", "/"),
    ],
)
def test_signing_in_returns_to_an_address_of_the_hub_and_to_no_other(client, user, wanted, reached):
    assert sign_in(client, next=wanted)["Location"] == reached


def test_the_form_carries_where_to_return(client):
    response = client.get(LOGIN, {"next": '/library/?q="><script>'})
    assert '<input type="hidden" name="next" value="/library/?q=&quot;&gt;&lt;script&gt;">' in (
        response.content.decode()
    )


def test_who_is_signed_in_is_sent_on_from_the_form(client, user):
    client.force_login(user)
    assert client.get(LOGIN)["Location"] == "/"
    assert client.get(LOGIN, {"next": "/library/"})["Location"] == "/library/"


@pytest.mark.parametrize(("remember", "lasts"), [("", False), ("on", True)])
def test_the_session_ends_with_the_browser_unless_asked_otherwise(client, user, remember, lasts):
    sign_in(client, remember=remember)
    assert client.session.get_expire_at_browser_close() is not lasts


def test_signing_out_needs_a_post_and_empties_the_browsers_cache(client, user):
    client.force_login(user)
    page = client.get("/accounts/logout/")
    assert page.status_code == 200
    assert signed_in(client)
    response = client.post("/accounts/logout/")
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert response["Location"] == "/"
    assert not signed_in(client)


def test_signing_out_needs_the_token_of_the_form(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.post("/accounts/logout/").status_code == 403
    assert signed_in(client)


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_set_password"])
def test_nobody_opens_an_account_or_changes_an_address_alone(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/email/", "/accounts/confirm-email/", "/accounts/"])
def test_the_addresses_of_what_is_not_offered_answer_nothing(client, path):
    assert client.get(path).status_code == 404
    assert client.post(path, {"email": "new@example.org"}).status_code in (404, 405)


def test_of_allauth_only_the_listed_views_are_mounted():
    assert {name for name in get_resolver().reverse_dict if str(name).startswith("account_")} == {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_change_password",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
    }


@pytest.mark.parametrize(
    "path",
    [
        LOGIN,
        "/accounts/inactive/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/1-abc/",
        "/accounts/password/reset/key/done/",
        "/de/accounts/login/",
        "/ar/accounts/password/reset/",
    ],
)
def test_these_pages_stand_for_strangers_and_are_never_kept(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("junk", [b"%00", b"a" * 100_000, b"%22%27%3C%3E", b"%ED%A0%80", b"%FF", b"\xff"])
def test_nothing_typed_into_the_form_breaks_it(client, junk):
    response = client.generic(
        "POST",
        LOGIN,
        b"password=" + junk + b"&login=" + junk,
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 200
