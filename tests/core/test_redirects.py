"""A redirect leads on only those who may read its end, and tells nobody else that it is there."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from wagtail.contrib.redirects.models import Redirect

from core.audience import set_audience
from core.models import HubDocument
from tests import personas

pytestmark = pytest.mark.django_db


def redirect(path: str, **to: Any) -> str:
    """Make a redirect; gives the address to ask for."""
    Redirect.objects.create(old_path=path, **to)
    return f"{path}/"


@pytest.fixture
def member() -> Client:
    client = Client()
    client.force_login(personas.make_personas()["associate"])
    return client


def test_a_redirect_to_an_open_page_leads_everybody(client, make_page):
    page = make_page("Open", slug="open")
    answer = client.get(redirect("/old", redirect_page_id=page.pk))
    assert (answer.status_code, answer.url) == (301, "/open/")


def test_a_redirect_to_a_closed_page_leads_its_readers_and_is_not_there_for_others(client, member, make_page):
    page = make_page("Closed", slug="closed", audience="members")
    path = redirect("/zq-old", redirect_page_id=page.pk)
    assert member.get(path).url == "/closed/"
    nothing = client.get("/zq-odd/")
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.content.replace(b"zq-old", b"zq-odd") == nothing.content
    set_audience(page, "full")
    assert member.get(path).status_code == 404


@pytest.mark.parametrize("host", ["", "http://testserver", settings.WAGTAILADMIN_BASE_URL])
def test_a_redirect_that_names_the_address_of_a_closed_page_is_not_there_for_others(client, member, make_page, host):
    make_page("Closed", slug="closed", audience="members")
    path = redirect("/old", redirect_link=f"{host}/closed/?from=old#here")
    assert client.get(path).status_code == 404
    assert member.get(path).status_code == 301


def test_a_redirect_to_a_draft_is_not_there_for_anybody(client, member, make_page):
    page = make_page("Draft", slug="draft", live=False)
    path = redirect("/old", redirect_page_id=page.pk)
    assert (client.get(path).status_code, member.get(path).status_code) == (404, 404)


def test_a_redirect_to_another_site_leads_everybody(client):
    answer = client.get(redirect("/old", redirect_link="https://elsewhere.example/page"))
    assert answer.url == "https://elsewhere.example/page"


def test_a_redirect_to_a_file_gives_its_name_to_nobody(client):
    from django.core.files.base import ContentFile

    file = ContentFile(b"words", name="the-name.txt")
    file.is_clean = True  # type: ignore[attr-defined]
    document = HubDocument.objects.create(title="A file", file=file, audience="members")
    assert client.get(redirect("/old", redirect_link=document.url)).status_code == 404
