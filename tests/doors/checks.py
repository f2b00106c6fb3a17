"""What the doors must do, as functions that raise AssertionError where one stands open, or shut to its own people.

Each takes the scenario and may be told to try only some personas, so that the tests with deliberate faults can call
it too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from django.core import mail
from django.utils import timezone

from core import vocabulary
from core.access import Viewer, viewer_for
from core.best_bets import MOST_PINNED, pinned_for
from hub import alerts, saved
from members.models import Organisation, Seat, Tier
from search import library
from tests import personas
from tests.doors.scenario import (
    CANARY,
    FOUND_BY,
    IN_ALL,
    IN_LIBRARY,
    KINDS,
    SAVED_NAME,
    SHOWN,
    STATES,
    Item,
    World,
    body_of,
)

ALL: Sequence[str] = personas.NAMES
LANGUAGES = {"en": "", "de": "/de", "fr": "/fr", "ar": "/ar"}
# One of the personas for each set of rights; the others have the same and are tried where pages are opened.
DISTINCT = (
    "anonymous",
    "associate",
    "full",
    "group_associate",
    "group_full",
    "othermember",
    "otherlead",
    "secretariat",
)
SECTIONS = {
    "/library/": IN_LIBRARY,
    "/guidebooks/": ("guidebook",),
    "/events/": ("event", "past"),
    "/standards/": ("standard",),
    "/groups/": ("group",),
    "/search/": KINDS,
}
# Where anything at all might be named, beside the lists above.
HINTS = (
    "/",
    "/search/?q=stands",
    "/account/topics/",
    "/account/searches/",
    "/search/suggest/?q=zx",
    "/feed/",
    "/crossroads/",
    "/groups/few/",
    "/account/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/nothing-is-here/",
    "/library/?kind=practice",
    "/library/?topic=shared-by-all",
    "/library/?setting=prison&stage=aftercare",
    "/search/?q=prison&kind=practice",
    "/search/suggest/?q=he",
    "/events/?kind=webinar",
)
FOR_MACHINES = ("/sitemap.xml", "/robots.txt", "/healthz/", "/feed/", "/de/feed/")


def check_nothing_more(world: World, name: str, answer: Any, *asked: str) -> None:
    """An answer holds no word that this persona may not know."""
    more = {word for word in world.seen(answer, *asked) if not world.may_know(name, word)}
    assert not more, f"{name} is shown {world.told(more)} at {asked[0] if asked else answer.request['PATH_INFO']}"


# Pages ---------------------------------------------------------------------------------------------


def check_pages(world: World, people: Iterable[str] = ALL, items: Iterable[Item] | None = None) -> None:
    """Each page opens to its readers whole, to the others as its teaser or not at all."""
    items = list(world.pages()) if items is None else list(items)
    for name in people:
        nothing = Nothing(world, name)
        for item in items:
            check_page(world, name, item, nothing)


class Nothing:
    """What a persona is answered where nothing is; asked once for each place of the tree."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.known: dict[str, Any] = {}
        world.clients[name].get("/nothing-is-here/")  # a message still waiting is said here, not on what is compared

    def must_equal(self, answer: Any, path: str, what: object) -> None:
        """What is not for somebody is answered as what is not there: the same body, headers and cookies."""
        place = path.rstrip("/").rpartition("/")[0]
        place = next((start for start in ("/documents", "/taken") if place.startswith(f"{start}/")), place)
        if place not in self.known:
            beside = f"{place}/{ABSENT.get(place, 'nothing-is-here/')}"
            self.known[place] = plain(self.world.clients[self.name].get(beside), beside)
            assert self.known[place][0] == 404
        assert plain(answer, path) == self.known[place], f"the 404 of {what} tells {self.name} something"


# Names that nothing has, where only names of one shape have an address.
ABSENT = {
    "/feeds/searches": "nothing/",
    "/events/calendar": "999999.ics",
    "/documents": "999999/nothing.pdf",
    "/images": "no-such-token",
    "/taken": "999999/nothing.pdf",
    "/offline": "999999/",
}


def check_page(world: World, name: str, item: Item, nothing: Nothing) -> None:
    """One page, one persona."""
    answer = world.clients[name].get(item.url)
    label = f"{item} for {name}"
    check_nothing_more(world, name, answer, item.url)
    here = world.seen(answer)
    if name in item.readers:
        assert answer.status_code == 200, f"{label}: {answer.status_code}"
        shown = SHOWN[item.kind] if item.version_of is None else ("title", "summary", "body")
        missing = {what for what in shown if what in item.words and item.words[what] not in here}
        assert not missing, f"{label} lacks {missing}"
        if item.kind == "event":
            assert (item.words["join"] in here) == (name != "anonymous"), f"{label}: link for joining"
    elif item.teased:
        assert answer.status_code == (200 if name == "anonymous" else 403), f"{label}: {answer.status_code}"
        own = {what for what, word in item.words.items() if word in here}
        assert own == {"title", "summary"}, f"{label} shows {own}"
        assert b'name="robots" content="noindex"' in answer.content or answer.status_code == 403
    else:
        assert answer.status_code == 404, f"{label}: {answer.status_code}"
        nothing.must_equal(answer, item.url, item)
    if name != "anonymous":
        assert b'type="password"' not in answer.content, f"{label} is asked to sign in"


def check_pages_by_other_methods(world: World, people: Iterable[str] = ("anonymous", "lapsed", "group_full")) -> None:
    """HEAD answers as GET without a body; what writes or asks for more meets no page, whether there is one or not."""
    some = [world.one("resource", state) for state in STATES]
    for name in people:
        client = world.clients[name]
        for item in some:
            answer = client.get(item.url)
            head = client.head(item.url)
            assert (head.status_code, body_of(head)) == (answer.status_code, b""), f"HEAD of {item} for {name}"
            for header in ({"If-None-Match": "*"}, {"Range": "bytes=0-10"}, {"If-Modified-Since": LONG_AGO}):
                again = client.get(item.url, headers=header)
                assert again.status_code == answer.status_code, f"{header} of {item} for {name}"
                check_nothing_more(world, name, again, item.url)
        nothing = {method: getattr(client, method)("/nothing-is-here/") for method in UNUSED}
        for item in some:
            for method in UNUSED:
                refused = getattr(client, method)(item.url)
                assert refused.status_code == nothing[method].status_code == 405, f"{method} of {item} for {name}"
                assert plain(refused, item.url) == plain(nothing[method], "/nothing-is-here/")


UNUSED = ("post", "put", "patch", "delete", "options")
LONG_AGO = "Mon, 01 Jan 2001 00:00:00 GMT"


def plain(answer: Any, path: str) -> tuple[Any, ...]:
    """Status, body, headers and cookies of an answer, with the asked path taken out."""
    text = body_of(answer).decode()
    language = next((prefix for prefix in LANGUAGES.values() if prefix and path.startswith(f"{prefix}/")), "")
    for asked in (path, path.removeprefix(language)):  # the switch of languages names it without its prefix
        for written in (asked, quote(asked, safe=""), quote(asked)):
            text = text.replace(written, "")
    headers = {key: value for key, value in answer.headers.items() if key != "Content-Length"}
    return answer.status_code, text, headers, sorted(answer.cookies.items())


# Lists ---------------------------------------------------------------------------------------------


def check_lists(world: World, people: Iterable[str] = ALL) -> None:
    """Each list names exactly what a persona may list, on all its pages, and counts it."""
    for name in people:
        client = world.clients[name]
        for path, kinds in SECTIONS.items():
            for language in ("en", "de") if path == "/library/" else ("en",):
                address: str | None = LANGUAGES[language] + path
                titles: set[str] = set()
                while address:
                    answer = client.get(address)
                    assert answer.status_code == 200
                    check_nothing_more(world, name, answer, address)
                    titles |= titles_listed(world, answer)
                    found = answer.context.get("found")
                    following = getattr(found, "next_url", "") or answer.context.get("next_url", "")
                    address = following and (
                        following if following.startswith("/") else address.split("?")[0] + following
                    )
                wanted = world.listed(name, *kinds, language=language)
                others = {word for word in titles if world.owners[word][0].kind not in kinds}
                missing, more = wanted - titles, titles - others - wanted
                assert not missing, f"{name} misses {world.told(missing)} at {language}{path}"
                assert not more, f"{name} finds {world.told(more)} at {language}{path}"
                if path == "/library/":
                    assert found.total == len(wanted), f"{name}: {found.total} in the library, {len(wanted)} there"


def titles_listed(world: World, answer: Any) -> set[str]:
    """The titles that can be read in the main part of a page, without menu and footer."""
    main = answer.content.decode().partition('<main id="content"')[2].partition("</main>")[0]
    words = set(CANARY.findall(re.sub(r"<[^>]*>", " ", main))) & set(world.owners)
    return {word for word in words if world.owners[word][1] == "title"}


def check_hints(world: World, people: Iterable[str] = ALL) -> None:
    """Homes, feeds, menus, breadcrumbs, switches, suggestions and what leads to pages hold nothing closed."""
    for name in people:
        for prefix in LANGUAGES.values():
            for path in HINTS if not prefix else HINTS[:6]:
                answer = world.clients[name].get(prefix + path)
                assert answer.status_code in (200, 302, 404), f"{prefix}{path}: {answer.status_code}"
                check_nothing_more(world, name, answer, prefix + path)


def check_links_lead_to_what_is_open(world: World, people: Iterable[str] = ALL) -> None:
    """A page full of links has a live link to each thing its reader may open, and only to those."""
    for name in people:
        text = world.clients[name].get("/crossroads/").content.decode()
        for item in world.items:
            if item.kind in (*KINDS, "document") and item.thing is not None:
                assert (f'href="{item.url}"' in text) == (name in item.readers), f"link to {item} for {name}"


def check_machines_read_as_strangers(world: World, people: Iterable[str] = ALL) -> None:
    """Feeds, sitemap and robots say the same to everybody: what a stranger may read."""
    for path in FOR_MACHINES:
        stranger = world.clients["anonymous"].get(path)
        check_nothing_more(world, "anonymous", stranger, path)
        for name in people:
            assert body_of(world.clients[name].get(path)) == body_of(stranger), f"{path} for {name}"
    sitemap = world.clients["anonymous"].get("/sitemap.xml").content.decode()
    for item in world.pages(aliases=False):
        assert (f"{item.url}</loc>" in sitemap) == ("anonymous" in item.readers), f"sitemap: {item}"


def check_redirects(world: World, people: Iterable[str] = DISTINCT) -> None:
    """A redirect leads only those who may read its end; to all others it is not there."""
    for name in people:
        nothing = plain(world.clients[name].get("/old/0/"), "/old/0/")
        for item in world.pages("resource", "event"):
            path = f"/old/{item.thing.pk}/"
            answer = world.clients[name].get(path)
            if name in item.readers:
                assert (answer.status_code, answer.url) == (301, item.url), f"redirect to {item} for {name}"
            else:
                assert plain(answer, path) == nothing, f"redirect to {item} tells {name}"


# Search --------------------------------------------------------------------------------------------


def check_search(world: World, people: Iterable[str] = DISTINCT, items: Iterable[Item] | None = None) -> None:
    """A word finds its page for its readers; for others it finds nothing, counts nothing and is not known."""
    items = list(world.pages(aliases=False)) if items is None else list(items)
    for name in people:
        keys = keys_of(world, name)
        for item in items:
            fields = FOUND_BY[item.kind] if item.version_of is None else ("body",)
            for what in ("title", "summary", *fields):
                if what not in item.words:
                    continue
                word = item.words[what]
                # As typed: a made-up word of one page is a misspelt word of another.
                answer = library.find(word, keys=keys, facets=("kind", "topic", "audience", "language"), as_typed=True)
                label = f"{what} of {item} for {name}"
                if name in item.readers or (item.teased and what in ("title", "summary")):
                    titles = {hit.title for hit in answer.hits}
                    assert item.words["title"] in titles, f"{label} is not found"
                else:
                    assert answer.total == 0, f"{label} is counted"
                    assert not answer.hits, f"{label} is found"
                    assert not any(answer.facets.values()), f"{label} is in facets"
                    assert answer.missing == (word,), f"{label} is a known word"


def check_search_in_files(world: World, people: Iterable[str] = DISTINCT) -> None:
    """A word on the second page of a file finds it for its readers; for others it is nowhere, not even counted."""
    for name in people:
        keys, client = keys_of(world, name), world.clients[name]
        for item in world.items:
            if item.kind != "document":
                continue
            for what in ("text", "inside", "file_title"):
                word, label = item.words[what], f"{what} of {item} for {name}"
                facets = ("kind", "topic", "audience", "language")
                answer = library.find(word, keys=keys, facets=facets)
                if answer.corrected:
                    more = {each for each in CANARY.findall(answer.corrected) if not world.may_know(name, each)}
                    assert not more, f"{label} is corrected to {world.told(more)}"
                    answer = library.find(word, keys=keys, facets=facets, as_typed=True)
                near = library.find(f"{word[:-1]}s", keys=keys)
                told = " ".join([near.corrected, *near.near, *library.suggest(word[:-1], keys=keys)])
                if name in item.readers:
                    places = {hit.anchor.partition("#")[0] for hit in answer.hits}
                    assert places == {item.url}, f"{label} is not found in the file"
                    continue
                assert not answer.hits, f"{label} is found"
                assert answer.total == 0, f"{label} is counted"
                assert not any(answer.facets.values()), f"{label} is in facets"
                assert answer.missing == (word,), f"{label} is a known word"
                assert word not in told, f"{label} is offered"
            word = item.words["inside"]
            shown = client.get("/search/", {"q": word, "exact": "1"})
            check_nothing_more(world, name, shown, "/search/", word)
            found = shown.context["found"]
            assert bool(found.total) == bool(found.cards) == (name in item.readers), f"search page: {item} for {name}"
            for card in found.cards:
                assert client.get(card.place_url.partition("#")[0]).status_code == 200, f"{item} for {name}"
                assert not item.url.endswith(".pdf") or card.place_url == f"{item.url}#page=2"


def check_search_pages(world: World, people: Iterable[str] = ("lapsed", *DISTINCT)) -> None:
    """The same on the search page and in the library, as a browser sees them."""
    for name in people:
        for state in ("public", "members", "full_teaser", "group", "group_full", "nobody", "draft"):
            item = world.one("resource", state)
            for what, paths in (("title", ["/search/"]), ("body", ["/search/", "/library/"])):
                word = item.words[what]
                knows = name in item.readers or (item.teased and what == "title")
                for path in paths:
                    told = world.clients[name].get(path, {"q": word})  # a word of the visitor's own may serve instead
                    check_nothing_more(world, name, told, path, word)
                    answer = world.clients[name].get(path, {"q": word, "exact": "1"})
                    check_nothing_more(world, name, answer, path, word)
                    found = answer.context["found"]
                    assert found.total == int(knows), f"{path}: {what} of {item} for {name}: {found.total}"
                    assert [card.title for card in found.cards] == [item.words["title"]] * knows
            for facet, value in (("topic", item.words["topic"]), ("keyword", item.words["keyword"])):
                answer = world.clients[name].get("/library/", {facet: value})
                check_nothing_more(world, name, answer, "/library/", value)
                assert answer.context["found"].total == int(name in item.readers), f"{facet} of {item} for {name}"


def check_terms(world: World, people: Iterable[str] = DISTINCT) -> None:
    """Of the vocabulary's terms only those are named that stand in what a persona may read."""
    for name in people:
        answer = library.find(IN_ALL, keys=keys_of(world, name), vocabulary=vocabulary.current())
        resources = [item for item in world.pages("resource", aliases=False) if "term" in item.words]
        readable = {item.words[what] for item in resources for what in ("term", "near") if name in item.readers}
        assert {each.words for each in answer.also} == readable, f"terms for {name}"
        related = {each.words for each in answer.also if each.related}
        assert related == {item.words["near"] for item in resources if name in item.readers}, f"related for {name}"


def check_recommended(world: World, people: Iterable[str] = ALL) -> None:
    """Recommended are the first few that a persona may list, as if the others were not there."""
    for name in people:
        states = [state for state in reversed(STATES) if world.one("resource", state).is_listed_for(name)]
        titles = [world.one("resource", state).words["title"] for state in states][:MOST_PINNED]
        cards = pinned_for(IN_ALL, viewer_for(world.people[name]))
        assert [card.title for card in cards] == titles, f"recommended to {name}"
        answer = world.clients[name].get("/search/", {"q": IN_ALL})
        check_nothing_more(world, name, answer, "/search/")
        assert answer.context["found"].pinned == cards, f"recommended to {name} on the search page"
        assert {each.words for each in answer.context["found"].also} <= {
            word for word in world.owners if world.may_know(name, word)
        }, f"terms for {name} on the search page"


def check_facets(world: World, people: Iterable[str] = ALL) -> None:
    """Facets count what a persona may list, and name only values that it may know."""
    for name in people:
        found = world.clients[name].get("/library/").context["found"]
        counts = {facet.code: {choice.value: choice.count for choice in facet.choices} for facet in found.facets}
        origins = [item for item in world.pages(*IN_LIBRARY, aliases=False) if item.version_of is None]
        listed = [item for item in origins if item.is_listed_for(name)]
        opened = [item for item in origins if name in item.readers]
        assert counts["kind"] == Counter(KIND_CODES[item.kind] for item in listed), f"kinds for {name}"
        assert counts["audience"] == Counter(audience_of(item) for item in listed), f"audiences for {name}"
        topics = Counter(item.words["topic"] for item in opened if "topic" in item.words)
        topics["shared-by-all"] = sum(topics.values())
        assert counts["topic"] == topics, f"topics for {name}"
        assert counts.get("setting", {}) == {"prison": sum(item.kind == "resource" for item in opened)}
        assert counts["group"].get(personas.GROUP, 0) == sum(STATES[item.state].of_group for item in opened)
        german = [item for item in world.pages(*IN_LIBRARY) if item.language == "de" and item.is_listed_for(name)]
        assert counts["language"] == {"en": len(listed), "de": len(german)}, f"languages for {name}"


KIND_CODES = {
    "resource": "practice",
    "guidebook": "guidebook",
    "event": "webinar",
    "past": "meeting",
    "standard": "standard",
}


def audience_of(item: Item) -> str:
    """The code under which a facet counts an item."""
    return "nobody" if STATES[item.state].below_draft else STATES[item.state].audience


def check_suggestions(world: World, people: Iterable[str] = DISTINCT) -> None:
    """While one types, only words and titles are offered that this persona may know."""
    for name in people:
        keys = keys_of(world, name)
        for item in world.pages(aliases=False):
            for what, word in item.words.items():
                if what == "file":
                    continue
                offered = " ".join(library.suggest(word[:-1], keys=keys))
                more = {each for each in world.owners if each in offered and not world.may_know(name, each)}
                assert not more, f"{name} is offered {world.told(more)}"
                if what == "title" and item.is_listed_for(name):
                    assert word in offered, f"{name} is not offered {what} of {item}"


def check_suggestions_in_browser(world: World, people: Iterable[str] = ALL) -> None:
    """The same at the address that a browser asks."""
    for name in people:
        for state in STATES:
            item = world.one("resource", state)
            for what in ("title", "body"):
                word = item.words[what]
                answer = world.clients[name].get("/search/suggest/", {"q": word[:-1]})
                check_nothing_more(world, name, answer, "/search/suggest/")
                if what == "title":
                    assert (word in answer.content.decode()) == item.is_listed_for(name), f"{item} for {name}"


# Saved searches ------------------------------------------------------------------------------------


def kept_items(world: World, name: str) -> list[Item]:
    """What the saved search of a persona holds: the resources that he or she may open."""
    resources = world.pages("resource", aliases=False)
    return [item for item in resources if item.version_of is None and name in item.readers]


def check_saved_searches(world: World, people: Iterable[str] = ALL) -> None:
    """A saved search is its owner's alone, to see, to run, to change and to delete; its count is of his or her set."""
    for name in people:
        client = world.clients[name]
        for owner, search in world.searches.items():
            path = f"/account/searches/{search.pk}/"
            answers = [client.get(path)]
            if name != owner:
                answers += [client.post(path, {"name": "taken", "alert": "off", "feed_titles": "full"})]
                answers += [client.post(f"{path}{deed}/") for deed in ("run", "feed")]
                gone = client.post(f"{path}delete/")
                assert gone.status_code == 302
            wanted = 200 if name == owner else 302 if name == "anonymous" else 404
            assert {answer.status_code for answer in answers} == {wanted}, f"search of {owner} for {name}"
            for answer in answers:
                check_nothing_more(world, name, answer, path)
                assert (SAVED_NAME.format(owner).encode() in answer.content) == (name == owner)
            again = type(search).objects.get(pk=search.pk)
            assert (again.name, again.alert, again.feed_digest) == (search.name, search.alert, search.feed_digest)
        if name == "anonymous":
            continue
        page = client.get("/account/searches/")
        check_nothing_more(world, name, page, "/account/searches/")
        assert page.content.count(b"Kept by ") == page.content.count(SAVED_NAME.format(name).encode()) > 0
        (shown,) = page.context["searches"]
        assert shown["changed"] == len(kept_items(world, name)), f"{name} is told {shown['changed']} changed"


def check_search_feeds(world: World, people: Iterable[str] = DISTINCT) -> None:
    """A feed names what its owner may open now, whoever asks; without membership it is as if it had never been."""
    nothing = Nothing(world, "anonymous")
    for owner in world.searches:
        path = f"/feeds/searches/token-of-{owner}/"
        # The secretariat may open everything; its feed therefore names nothing.
        named = [] if owner == "secretariat" else kept_items(world, owner)
        titles = {item.words["title"] for item in named}
        for name in people:
            answer = world.clients[name].get(path)
            if owner == "lapsed":
                assert answer.status_code == 404, f"the feed of {owner} is there"
                if name == "anonymous":
                    nothing.must_equal(answer, path, "a feed")
                continue
            assert answer.status_code == 200
            assert answer["Cache-Control"] == "private, no-store"
            check_nothing_more(world, owner, answer, path)
            seen = set(re.findall(r"<title>(zx\w+)</title>", answer.content.decode()))
            assert seen == titles, f"the feed of {owner} for {name} lacks or adds {world.told(seen ^ titles)}"
    for name in people:
        for wrong in ("no-such-token", saved.digest_of("token-of-full")):
            assert world.clients[name].get(f"/feeds/searches/{wrong}/").status_code == 404


def check_search_alerts(world: World) -> None:
    """Members are told that there is something new, if there is for them, and not a word of what it is."""
    mail.outbox.clear()
    alerts.send_alerts(timezone.now() + timedelta(minutes=1))
    told = {message.to[0].split("@")[0] for message in mail.outbox}
    wanted = {name for name in world.searches if name != "lapsed" and kept_items(world, name)}
    assert told == wanted, f"mails to {sorted(told ^ wanted)}"
    for message in mail.outbox:
        text = message.message().as_string()
        assert not set(CANARY.findall(text)) & set(world.owners)
        assert "stands" not in text
        assert "Kept by" not in text
        (path,) = re.findall(r"http://[^/]+(/searches/stop/\S+)", message.body)
        assert world.clients["anonymous"].get(path).status_code == 200


def keys_of(world: World, name: str) -> frozenset[str] | None:
    """What the engine is asked with, for a persona."""
    viewer: Viewer = viewer_for(world.people[name])
    return None if viewer.sees_all else viewer.keys


# Files ---------------------------------------------------------------------------------------------


def check_documents(world: World, people: Iterable[str] = ALL) -> None:
    """A document is handed to its readers, unkept; to others it is not there, however they ask."""
    nothing = {name: Nothing(world, name) for name in people}
    for item in world.items:
        if item.kind != "document":
            continue
        for name in people:
            client, label = world.clients[name], f"{item} for {name}"
            answer = client.get(item.url)
            check_nothing_more(world, name, answer, item.url)
            tag = answer.headers.get("ETag", '"none"')
            if name in item.readers:
                assert answer.status_code == 200, label
                assert item.words["text"] in world.seen(answer), label
                assert answer["Cache-Control"] == "private, no-store", label
            else:
                assert answer.status_code == 404, label
                nothing[name].must_equal(answer, item.url, item)
                if name not in ("anonymous", "lapsed", "othermember"):
                    continue
                for header in ({"If-None-Match": tag}, {"If-None-Match": "*"}, {"Range": "bytes=0-10"}):
                    assert client.get(item.url, headers=header).status_code == 404, label
                assert client.head(item.url).status_code == 404, label
            if name in ("anonymous", "secretariat"):
                for method in UNUSED:
                    assert getattr(client, method)(item.url).status_code == 405, label


def check_pictures(world: World, people: Iterable[str] = ALL) -> None:
    """Pictures in every size meet the same rule, and nothing has an address by its path."""
    nothing = {name: Nothing(world, name) for name in people}
    for item in world.items:
        if item.kind != "image":
            continue
        for rendition in world.renditions[item.state]:
            for name in people:
                client, label = world.clients[name], f"picture {item.state} for {name}"
                answer = client.get(rendition.url)
                assert answer.status_code == (200 if name in item.readers else 404), label
                check_nothing_more(world, name, answer, rendition.url)
                if name not in item.readers:
                    nothing[name].must_equal(answer, rendition.url, label)
                assert client.head(rendition.url).status_code == answer.status_code, label
                assert client.get(rendition.url, headers={"If-None-Match": "*"}).status_code == answer.status_code
                if name in item.readers and (name != "anonymous" or item.state != "public"):
                    assert answer["Cache-Control"] == "private, no-store", label


def check_media(world: World, people: Iterable[str] = ALL) -> None:
    """No path under /media/ answers, of no file that is there."""
    files = [item.thing.file.name for item in world.items if item.kind in ("document", "image")]
    files += [rendition.file.name for few in world.renditions.values() for rendition in few]
    for name in people:
        for path in files[:: 1 if name in ("anonymous", "secretariat") else 9]:
            for address in (f"/media/{path}", f"/static/{path}", f"/{path}", f"/static/../media/{path}"):
                assert world.clients[name].get(address).status_code == 404, f"{address} for {name}"


def check_calendars(world: World, people: Iterable[str] = ALL) -> None:
    """A calendar file goes to who may read the event; it names only what is public, and never how to join."""
    nothing = {name: Nothing(world, name) for name in people}
    for item in world.pages("event", "past"):
        path = f"/events/calendar/{item.thing.pk}.ics"
        for name in people:
            answer = world.clients[name].get(path)
            assert answer.status_code == (200 if name in item.readers else 404), f"calendar of {item} for {name}"
            if answer.status_code == 404:
                nothing[name].must_equal(answer, path, f"the calendar of {item}")
            else:
                own = {"title", "summary"} if item.state == "public" else set()
                shown = {world.owners[word][1] for word in world.seen(answer)}
                assert shown == own, f"calendar of {item} for {name} shows {shown}"


# Days ----------------------------------------------------------------------------------------------


def check_days(world: World) -> None:
    """A membership, a seat, an organisation and a place in a group open from their first day to their last."""
    group, first, last = world.groups[personas.GROUP], date(2027, 3, 1), date(2027, 12, 31)
    kept = timedelta(days=30)
    member = personas.make_user("member-of-days")
    personas.member(member, "full", first, last)
    seated = personas.make_user("seated-for-days")
    personas.seat(seated, (first, last), date(2027, 1, 1))
    leaving = personas.make_user("leaving-a-seat")
    body = Organisation.objects.create(
        name="Another body",
        tier=Tier.objects.get(code="organisational"),
        starts_on=date(2027, 1, 1),
        ends_on=date(2028, 12, 31),
    )
    Seat.objects.create(user=leaving, organisation=body, starts_on=first, ends_on=last)
    grouped = personas.make_user("grouped-for-days")
    personas.member(grouped, "associate", date(2027, 1, 1), date(2028, 12, 31))
    grouped.participations.create(group=group, starts_on=first, ends_on=last)
    in_group, day = f"group:{group.pk}", timedelta(days=1)
    table = [
        (member, "full", first - day, first, last + kept, last + kept + day),
        (seated, "full", first - day, first, last + kept, last + kept + day),
        (leaving, "full", first - day, first, last, last + day),
        (grouped, in_group, first - day, first, last, last + day),
    ]
    for person, key, before, begins, ends, after in table:
        keys = [key in viewer_for(person, on=on).keys for on in (before, begins, ends, after)]
        assert keys == [False, True, True, False], f"{person.display_name}: {keys}"
