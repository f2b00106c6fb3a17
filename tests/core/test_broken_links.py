"""Links that lead nowhere: tried against a server of our own, noted for the owner of the page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.management import call_command

from core import broken_links
from core.broken_links import Polite, ask, check, is_public, links_of
from core.models import BrokenLink
from hub.models import HomePage, PlainPage
from tests import personas

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


class Site(BaseHTTPRequestHandler):
    """Answers by its path: ``/200``, ``/404`` … give that status, ``/to/…`` leads on, ``/round`` in a circle."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        first, _slash, rest = self.path.strip("/").partition("/")
        status = {"to": 302, "round": 302}.get(first) or int(first)
        self.send_response(status)
        if first == "to":
            self.send_header("Location", f"/{rest}")
        elif first == "round":
            self.send_header("Location", "/round")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a site of this machine, which may be asked in these tests only."""
    monkeypatch.setattr(Site, "asked", [])
    monkeypatch.setattr(broken_links, "is_public", lambda host: host == "127.0.0.1")
    monkeypatch.setattr(broken_links, "BETWEEN", 0.0)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def page_with(*urls: str, title: str = "Sources", group: object = None) -> PlainPage:
    """A live page whose text links to these addresses."""
    links = "".join(f'<p><a href="{url}">A source</a></p>' for url in urls)
    page = PlainPage(title=title, audience="public", working_group=group, body=[("paragraph", links)])
    HomePage.objects.get(locale__language_code="en").add_child(instance=page)
    return page


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("200", None),
        ("404", "gone"),
        ("410", "gone"),
        ("500", "error"),
        ("503", "error"),
        ("403", None),  # it answers people and not machines
        ("429", None),
        ("to/200", None),
        ("to/404", "gone"),
        ("round", None),
    ],
)
def test_an_address_is_judged_by_its_answer(site, path, reason):
    assert ask(f"{site}/{path}", is_allowed=broken_links.is_public) == reason


def test_the_host_that_is_judged_is_the_host_that_is_asked(site):
    """A backslash ends the host for ``requests``, not for ``urlsplit``: an author could have our own network asked."""
    hidden = site + "\\@example.org/200"
    assert ask(hidden, is_allowed=lambda host: host == "example.org") is None
    assert Site.asked == []


def test_a_site_that_does_not_answer_is_no_site():
    assert ask("http://127.0.0.1:9/", is_allowed=lambda host: True) == "no_site"
    assert ask("http://no-such-host.invalid/") == "no_site"
    assert ask("http://[not-an-address/") in (None, "no_site")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1"])
def test_machines_of_our_own_network_are_not_asked(host):
    assert not is_public(host)
    shown = f"[{host}]" if ":" in host else host
    assert ask(f"http://{shown}:1/admin") is None


def test_a_public_address_does_not_lead_to_a_private_one(site, monkeypatch):
    assert ask(f"{site}/to//10.0.0.1/", is_allowed=lambda host: host == "127.0.0.1") is None
    assert len(Site.asked) == 1


def test_the_links_of_a_page_are_those_of_its_text(site):
    page = page_with(f"{site}/200#part", f"{site}/200", "mailto:a@b.example", "https://example.org/?a=1&amp;b=2")
    assert links_of(page) == {f"{site}/200", "https://example.org/?a=1&b=2"}
    long = page_with("https://example.org/" + "x" * 3000, title="Long")
    assert links_of(long) == set()


def test_an_address_that_is_none_does_not_end_the_job(site):
    odd = "https://[your-site]/"
    page = page_with(odd, f"{odd}#part", f"{site}/404", title="Odd")
    assert links_of(page) == {odd, f"{site}/404"}
    assert check(now=NOW) == 2
    assert {link.url: link.reason for link in BrokenLink.objects.all()} == {odd: "no_site", f"{site}/404": "gone"}


def test_an_address_in_a_piece_of_code_is_no_link(site):
    page = page_with(f"{site}/200")
    code = {"language": "html", "text": f'<a href="{site}/404">'}
    page.body = [*page.body.raw_data, {"type": "code", "value": code}]
    page.save()
    assert links_of(page) == {f"{site}/200"}


def test_a_page_that_is_deleted_meanwhile_is_passed_over(site):
    page, other = page_with(f"{site}/404"), page_with(f"{site}/404", f"{site}/410", title="Other")

    def gone(url: str) -> str:
        if url.endswith("/404"):
            page.delete()
        return "gone"

    assert check(fetch=gone, now=NOW) == 2
    found = BrokenLink.objects.values_list("page_id", "url")
    assert set(found) == {(other.pk, f"{site}/404"), (other.pk, f"{site}/410")}


def test_what_is_gone_is_told_at_once_and_what_is_down_after_the_second_time(site):
    page_with(f"{site}/404", f"{site}/503", f"{site}/200")
    assert check(now=NOW) == 2
    certain = BrokenLink.objects.filter(BrokenLink.CERTAIN)
    assert [link.url for link in certain] == [f"{site}/404"]
    check(now=NOW + timedelta(days=7))
    assert {link.url for link in certain.all()} == {f"{site}/404", f"{site}/503"}
    assert {(link.times, link.first_seen, link.last_seen) for link in BrokenLink.objects.all()} == {
        (2, NOW, NOW + timedelta(days=7))
    }


def test_each_address_is_asked_once_however_many_pages_have_it(site):
    page_with(f"{site}/404"), page_with(f"{site}/404", title="Other")
    assert check(now=NOW) == 1
    assert Site.asked == ["/404"]
    assert BrokenLink.objects.count() == 2


def test_a_link_that_works_again_or_is_taken_out_is_forgotten(site):
    page = page_with(f"{site}/404", f"{site}/410")
    check(now=NOW)
    page.body = [("paragraph", f'<p><a href="{site}/404">A source</a></p>')]
    page.save()
    check(now=NOW)
    assert [link.url for link in BrokenLink.objects.all()] == [f"{site}/404"]
    check(fetch=lambda url: None, now=NOW)
    assert not BrokenLink.objects.exists()


def test_drafts_are_not_tried(site):
    page_with(f"{site}/404").unpublish()
    assert check(now=NOW) == 0
    assert Site.asked == []


def test_links_of_a_page_that_is_not_live_any_more_are_forgotten_and_others_stay_until_they_are_tried(site):
    page, other = page_with(f"{site}/404"), page_with(f"{site}/410", title="Other")
    check(now=NOW)
    page.unpublish()
    check([], now=NOW)
    assert BrokenLink.objects.count() == 2
    check(now=NOW)
    assert [link.page_id for link in BrokenLink.objects.all()] == [other.pk]


def test_one_host_is_asked_at_most_once_a_second(monkeypatch):
    monkeypatch.setattr(broken_links, "ask", lambda url: None)
    waits: list[float] = []
    polite = Polite(wait=waits.append)
    for url in ("https://one.example/a", "https://two.example/", "https://one.example/b"):
        polite(url)
    assert len(waits) == 1
    assert 0 < waits[0] <= 1


def test_the_command_says_how_many_and_not_which(site, capsys):
    page_with(f"{site}/404", title="A title that may not be told")
    call_command("check_links")
    said = capsys.readouterr()
    assert "1 addresses do not answer" in said.out
    assert "title that" not in said.out + said.err


def test_the_secretariat_finds_them_on_the_first_page_of_the_editor(site, client):
    people = personas.make_personas()
    client.force_login(people["secretariat"])
    assert "Links that lead nowhere" not in client.get("/admin/").content.decode()
    page = page_with(f"{site}/404")
    check(now=NOW)
    html = client.get("/admin/").content.decode()
    assert "Links that lead nowhere" in html
    assert f"{site}/404" in html
    assert f"/admin/pages/{page.pk}/edit/" in html
