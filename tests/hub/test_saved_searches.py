"""Searches a member keeps: saved once, seen by nobody else, counted inside what the owner may read, and their feeds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.audience import set_audience
from core.models import HubPage
from hub import saved
from hub.models import SavedSearch
from members.models import Membership, User
from tests import personas

Make = Callable[..., Any]
pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def keep(user: User, state: str = "q=housing", **fields: Any) -> SavedSearch:
    """A search that a person keeps."""
    search, _new = saved.save(user, state, fields.pop("name", "My search"))
    for name, value in fields.items():
        setattr(search, name, value)
    search.save()
    return search


def said(answer: Any) -> str:
    """The words of an answer."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())))


def told(answer: Any) -> list[str]:
    """The messages that the next page shows."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


# Saving ----------------------------------------------------------------------------------------------


def test_a_search_is_saved_from_the_results_page_and_twice_makes_one(
    library: Any, client_of: Make, people: Any
) -> None:
    client = client_of("associate")
    form = {"state": "q=housing&kind=tool&page=3&colour=red", "name": " Flats\x00 ", "alert": "weekly"}
    for _time in range(2):
        answer = client.post("/account/searches/save/", form)
        assert (answer.status_code, answer.url) == (302, "/account/searches/")
    (search,) = SavedSearch.objects.all()
    assert (search.user, search.name, search.state, search.alert) == (
        people["associate"],
        "Flats",
        "q=housing&kind=tool",
        "weekly",
    )
    assert told(answer) == ["Your search is saved.", "You have saved this search already."]


def test_a_search_without_a_name_is_called_after_its_words(people: Any) -> None:
    assert keep(people["full"], "q=first+contact", name="").name == "first contact"
    assert keep(people["full"], "kind=tool", name="").name == "Without words"


@pytest.mark.parametrize("state", ["", "page=2", "colour=red", "q=%00", "sort=date", "q=a&" + "kind=" + "x" * 5000])
def test_what_is_no_search_is_not_saved(library: Any, client_of: Make, state: str) -> None:
    answer = client_of("associate").post("/account/searches/save/", {"state": state})
    assert answer.status_code == 302
    if "x" * 100 not in state:
        assert not SavedSearch.objects.exists()
    else:  # a value is cut to what a filter can hold
        assert len(SavedSearch.objects.get().state) < 200


def test_too_long_a_search_is_refused_in_words(library: Any, client_of: Make) -> None:
    state = "&".join(f"topic={'é' * 50}{number}" for number in range(100))
    answer = client_of("associate").post("/account/searches/save/", {"state": state})
    assert told(answer) == ["This search is too long to be saved. Take some of its filters away."]
    assert not SavedSearch.objects.exists()


def test_fifty_are_the_most_and_the_page_says_so(library: Any, people: Any, client_of: Make) -> None:
    for number in range(saved.MOST_SEARCHES):
        keep(people["associate"], f"q=w{number}")
    client = client_of("associate")
    answer = client.post("/account/searches/save/", {"state": "q=one+more"})
    assert "which is as many as one can" in told(answer)[0]
    assert SavedSearch.objects.count() == saved.MOST_SEARCHES
    again = client.post("/account/searches/save/", {"state": "q=w7"})
    assert told(again)[-1] == "You have saved this search already."
    keep(people["full"])  # the limit is each person's own


def test_bytes_of_any_kind_in_the_form_are_no_error(library: Any, client_of: Make) -> None:
    client = client_of("associate")
    for text in (
        "\x00",
        "\ud800",
        "&&&=%ED%A0%80",
        "q=%FF%FE",
        "'\"<>" * 50,
        "\u202e\u0600" * 300,
        "q=" + "w " * 20000,
    ):
        data = {"state": text, "name": text, "alert": text}
        body = "&".join(f"{name}={value}" for name, value in data.items()).encode("utf-8", "surrogatepass")
        answer = client.post("/account/searches/save/", body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in (302, 400)
        assert client.get("/account/searches/").status_code == 200


# Keeping ---------------------------------------------------------------------------------------------


def test_the_list_runs_changes_and_deletes_them(
    make_resource: Make, indexed: Make, people: Any, client_of: Make
) -> None:
    make_resource("Flat", text="housing", topics=["housing"])
    indexed()
    search = keep(people["associate"], "q=housing&topic=housing&kind=practice", looked_at=LONG_AGO)
    client = client_of("associate")
    page = said(client.get("/account/searches/"))
    assert "My search housing Kind: Best practice Topic: Housing 1 changed since you last looked" in page
    answer = client.post(f"/account/searches/{search.pk}/run/")
    assert answer.url == "/search/?q=housing&kind=practice&topic=housing"
    assert "nothing changed since you last looked" in said(client.get("/account/searches/"))
    form = {"name": "Flats", "alert": "daily", "feed_titles": "full"}
    assert client.post(f"/account/searches/{search.pk}/", form).status_code == 302
    search.refresh_from_db()
    assert (search.name, search.alert, search.feed_titles) == ("Flats", "daily", "full")
    assert search.told_until > timezone.now() - timedelta(minutes=5)
    refused = client.post(f"/account/searches/{search.pk}/", {"name": "", "alert": "hourly", "feed_titles": "full"})
    assert refused.status_code == 200
    assert "Flats" in said(refused)
    for _time in range(2):
        assert client.post(f"/account/searches/{search.pk}/delete/").status_code == 302
    assert not SavedSearch.objects.exists()


def test_nobody_elses_search_is_there(library: Any, people: Any, client_of: Make) -> None:
    search = keep(people["full"])
    for name in ("associate", "lead", "secretariat", "lapsed"):
        client = client_of(name)
        assert "My search" not in said(client.get("/account/searches/")).replace("My searches", "")
        assert client.get(f"/account/searches/{search.pk}/").status_code == 404
        for deed in ("", "run/", "feed/"):
            assert client.post(f"/account/searches/{search.pk}/{deed}").status_code == 404
        assert client.post(f"/account/searches/{search.pk}/delete/").status_code == 302
    search.refresh_from_db()
    assert search.feed_digest is None
    assert client_of("full").get("/account/searches/99999999999999999999999/").status_code == 404


def test_what_changed_is_counted_inside_what_the_owner_may_read(
    make_resource: Make, indexed: Make, people: Any, client_of: Make
) -> None:
    for audience in ("public", "members", "full", "group", "group_full"):
        make_resource(f"Of {audience}", audience=audience, text="housing", published_on=timezone.now())
    teaser = make_resource("Teased", audience="full", teaser=True, summary="housing", published_on=timezone.now())
    make_resource("Long ago", text="housing", published_on=LONG_AGO)
    make_resource("Else", text="prison", published_on=timezone.now())
    indexed()
    numbers = {"lapsed": 1, "student": 2, "full": 4, "group_associate": 3, "group_full": 6, "secretariat": 6}
    for name, number in numbers.items():
        keep(people[name], looked_at=timezone.now() - timedelta(days=1))
        assert f"{number} changed since" in said(client_of(name).get("/account/searches/")), name
    assert teaser.teaser_listed


def test_what_was_opened_to_the_owner_counts_as_new(
    make_resource: Make, indexed: Make, people: Any, client_of: Make
) -> None:
    page = make_resource("Was closed", audience="full", text="housing", published_on=LONG_AGO)
    make_resource("Was open", audience="public", text="housing", published_on=LONG_AGO)
    indexed()
    keep(people["associate"], looked_at=timezone.now() - timedelta(days=1))
    client = client_of("associate")
    assert "nothing changed" in said(client.get("/account/searches/"))
    set_audience(HubPage.objects.get(pk=page.pk), "members")
    indexed()
    assert "1 changed since" in said(client.get("/account/searches/"))


@pytest.mark.own_engine(reason="another is asked with some queries more")
def test_thirty_searches_cost_as_many_queries_as_one(
    make_resource: Make, indexed: Make, people: Any, client_of: Make
) -> None:
    make_resource("New", text="housing", published_on=timezone.now(), topics=["housing"])
    indexed()
    client = client_of("full")

    def asked() -> int:
        client.get("/account/searches/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/account/searches/")
        assert [q["sql"] for q in queries if not q["sql"].lstrip("( ").startswith("SELECT")] == []
        return len(queries)

    keep(people["full"], "q=housing&topic=housing", looked_at=LONG_AGO)
    few = asked()
    for number in range(29):
        keep(people["full"], f"q=housing+w{number}&topic=housing", looked_at=LONG_AGO + timedelta(days=number))
    assert asked() == few <= 14


def test_the_pages_are_kept_by_nobody(library: Any, people: Any, client_of: Make) -> None:
    search = keep(people["full"])
    for path in ("/account/searches/", f"/account/searches/{search.pk}/"):
        assert client_of("full").get(path)["Cache-Control"] == "private, no-store"


# Feeds -----------------------------------------------------------------------------------------------


def feed_address(client: Client, search: SavedSearch) -> str:
    """The path of a new feed, as its owner is shown it once."""
    answer = client.post(f"/account/searches/{search.pk}/feed/")
    (token,) = re.findall(r"<code dir=\"ltr\">http://[^/]+(/feeds/searches/[\w-]{43}/)</code>", answer.content.decode())
    assert token not in client.get(f"/account/searches/{search.pk}/").content.decode()
    return str(token)


def entries(answer: Any) -> list[dict[str, str]]:
    """The entries of a feed: title, summary, link and id."""
    assert answer.status_code == 200
    return [
        {
            "title": entry.findtext(f"{ATOM}title") or "",
            "summary": entry.findtext(f"{ATOM}summary") or "",
            "link": entry.find(f"{ATOM}link").attrib["href"],  # type: ignore[union-attr]
            "id": entry.findtext(f"{ATOM}id") or "",
        }
        for entry in ElementTree.fromstring(answer.content).iter(f"{ATOM}entry")
    ]


def test_a_feed_says_nothing_of_its_items_unless_its_owner_wants_titles(
    make_resource: Make, indexed: Make, people: Any, client_of: Make
) -> None:
    page = make_resource(
        "Secret flat", text="housing", summary="In words.", audience="full", published_on=timezone.now()
    )
    make_resource("Teased flat", audience="group_full", text="housing", published_on=timezone.now())
    indexed()
    search = keep(people["full"], name="Flats")
    path = feed_address(client_of("full"), search)
    answer = Client().get(path)
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert answer["Cache-Control"] == "private, no-store"
    assert not answer.cookies
    (entry,) = entries(answer)
    for word in (b"Secret", b"secret", b"words", b"Flats", b"housing", str(page.translation_key).encode()):
        assert word not in answer.content
    assert entry["link"].endswith("/account/searches/")
    SavedSearch.objects.update(feed_titles="full")
    (entry,) = entries(Client().get(path))
    assert (entry["title"], entry["summary"]) == ("Secret flat", "In words.")
    assert entry["link"].endswith(page.url)


def test_a_feed_holds_what_its_owner_may_read_now_whoever_asks(
    make_resource: Make, indexed: Make, people: Any, client_of: Make
) -> None:
    for audience in ("public", "members", "full", "group"):
        make_resource(f"Of {audience}", audience=audience, text="housing", published_on=timezone.now())
    indexed()
    search = keep(people["full"], feed_titles="full")
    path = feed_address(client_of("full"), search)
    for name in ("anonymous", "associate", "group_full", "secretariat"):
        titles = {entry["title"] for entry in entries(client_of(name).get(path))}
        assert titles == {"Of public", "Of members", "Of full"}, name
    participation = people["full"].participations.create(
        group=personas.make_groups()[personas.GROUP], starts_on=timezone.now().date()
    )
    assert "Of group" in {entry["title"] for entry in entries(Client().get(path))}
    participation.delete()
    assert "Of group" not in {entry["title"] for entry in entries(Client().get(path))}


def test_a_feed_of_the_secretariat_never_names_anything(
    make_resource: Make, indexed: Make, people: Any, client_of: Make
) -> None:
    make_resource("Secret flat", text="housing", audience="group_full", published_on=timezone.now())
    indexed()
    path = feed_address(client_of("secretariat"), keep(people["secretariat"], feed_titles="full"))
    (entry,) = entries(Client().get(path))
    assert (entry["title"], entry["summary"]) == ("Something new in a saved search", "")


def test_a_feed_begins_with_the_newest_and_holds_nothing_for_words_that_were_corrected(
    make_resource: Make, indexed: Make, people: Any, client_of: Make
) -> None:
    now = timezone.now()
    make_resource("Old", text="housing housing housing", published_on=now - timedelta(days=9))
    make_resource("New", text="Of housing, once, among many other words.", published_on=now)
    indexed()
    client = client_of("full")
    newest = feed_address(client, keep(people["full"], "q=housing", feed_titles="full"))
    assert [entry["title"] for entry in entries(Client().get(newest))] == ["New", "Old"]
    misspelt = feed_address(client, keep(people["full"], "q=huosing", feed_titles="full"))
    assert entries(Client().get(misspelt)) == []


def test_a_feed_that_is_over_is_like_one_that_never_was(library: Any, people: Any, client_of: Make) -> None:
    cache.clear()
    client = client_of("full")
    never = Client().get("/feeds/searches/no-such-token/")
    assert never.status_code == 404

    def is_over(path: str) -> bool:
        answer = Client().get(path)
        token = path.split("/")[-2]
        same = answer.content.decode().replace(token, "no-such-token") == never.content.decode()
        headers = [{**each.headers, "Content-Length": ""} for each in (answer, never)]
        return answer.status_code == 404 and same and headers[0] == headers[1]

    search = keep(people["full"])
    first = feed_address(client, search)
    second = feed_address(client, search)
    assert is_over(first)
    assert Client().get(second).status_code == 200
    client.post(f"/account/searches/{search.pk}/feed/", {"revoke": "1"})
    assert is_over(second)
    third = feed_address(client, search)
    membership = Membership.objects.get(user=people["full"])
    Membership.objects.filter(pk=membership.pk).update(
        starts_on=timezone.now().date() - timedelta(days=400), ends_on=timezone.now().date() - timedelta(days=31)
    )
    assert is_over(third)
    Membership.objects.filter(pk=membership.pk).update(ends_on=timezone.now().date())
    assert Client().get(third).status_code == 200
    User.objects.filter(pk=people["full"].pk).update(is_active=False)
    assert is_over(third)
    User.objects.filter(pk=people["full"].pk).update(is_active=True)
    search.delete()
    assert is_over(third)


def test_the_token_is_kept_nowhere_and_wrong_ones_are_no_error(library: Any, people: Any, client_of: Make) -> None:
    search = keep(people["full"])
    token = feed_address(client_of("full"), search).split("/")[-2]
    search.refresh_from_db()
    assert search.feed_digest == saved.digest_of(token)
    assert token not in " ".join(str(value) for row in SavedSearch.objects.values_list() for value in row)
    for wrong in (token[:-1], token.upper(), "%00", "%F0%9F%98%80", "a" * 5000, search.feed_digest):
        assert Client().get(f"/feeds/searches/{wrong}/").status_code == 404, wrong


@pytest.mark.own_engine(reason="another is asked with some queries more")
def test_a_feed_costs_few_queries_and_writes_nothing(
    make_resource: Make, indexed: Make, people: Any, client_of: Make
) -> None:
    for number in range(25):
        make_resource(f"Flat {number}", text="housing", published_on=timezone.now())
    indexed()
    path = feed_address(client_of("full"), keep(people["full"]))
    with CaptureQueriesContext(connection) as queries:
        assert len(entries(Client().get(path))) == 25
    assert [q["sql"] for q in queries if not q["sql"].lstrip("( ").startswith("SELECT")] == []
    assert len(queries) <= 10
