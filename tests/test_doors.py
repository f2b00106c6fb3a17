"""Every door of the hub, tried as every sort of visitor.

The table below has a row for every address the hub answers at; an address without a row fails. Behind it stands one
scenario (tests/doors/scenario.py) with things of every kind, open and closed in every way, and every text in it holds
a word that stands nowhere else: whoever is shown, told, counted or offered such a word must be allowed to read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.urls.resolvers import LocalePrefixPattern
from django.utils.regex_helper import normalize

from tests import personas
from tests.doors import checks, groups, library, reading, taking
from tests.doors.scenario import EVERYBODY, World

pytestmark = pytest.mark.django_db

# The table ------------------------------------------------------------------------------------------

Answers = Mapping[str, int]
SIGN_IN = 302


TRIED = ("$", *(f"(?P<note>[0-9]{{1,18}})/{end}$" for end in ("", "report/", "remove/")))


def everybody(status: int) -> Answers:
    """The same for every visitor."""
    return dict.fromkeys(personas.NAMES, status)


def signed_in(status: int, stranger: int = SIGN_IN) -> Answers:
    """One answer for a stranger, another for whoever is signed in."""
    return {name: stranger if name == "anonymous" else status for name in personas.NAMES}


LIBRARY: dict[str, tuple[str, Answers] | Callable[..., None]] = {
    r"<language>/^editions/(?P<page>[0-9]{1,18})/$": library.check_permanent_addresses,
    r"<language>/^editions/(?P<page>[0-9]{1,18})/(?P<number>[0-9]{1,4})/$": library.check_editions,
    r"<language>/^editions/(?P<page>[0-9]{1,18})/(?P<number>[0-9]{1,4})/(?P<below>(?:[\w\-]+/)+)$": (
        library.check_editions
    ),
    r"<language>/^cite/(?P<page>[0-9]{1,18})\.(?P<form>bib|ris|txt)$": library.check_citations,
    r"<language>/^cite/(?P<page>[0-9]{1,18})/(?P<number>[0-9]{1,4})\.(?P<form>bib|ris|txt)$": library.check_citations,
    r"<language>/^search/export\.(?P<form>bib|ris|csv)$": library.check_exports,
    **dict.fromkeys((f"<language>/^tried/(?P<page>[0-9]{{1,18}})/{end}" for end in TRIED), library.check_tried),
    "<language>/tried/reported/": (
        "/tried/reported/",
        {**signed_in(404), **dict.fromkeys(("lead", "otherlead", "secretariat"), 200)},
    ),
    "<language>/account/lists/": library.check_reading_lists,
    "<language>/account/lists/save/": library.check_reading_lists,
    "<language>/account/lists/<int:pk>/": library.check_reading_lists,
    "<language>/account/lists/<int:pk>/change/": library.check_reading_lists,
    "<language>/account/lists/<int:pk>/items/<int:item>/": ("/account/lists/1/items/1/", signed_in(405)),
    "<language>/account/lists/<int:pk>/delete/": ("/account/lists/1/delete/", signed_in(405)),
    "<language>/account/lists/<int:pk>/export/<str:form>/": library.check_reading_lists,
}

# Route: (an address, what each visitor is answered there) where it is the same whatever there is in the hub,
# else the check that tries it with every thing of the scenario.
TABLE: dict[str, tuple[str, Answers] | Callable[..., None]] = {
    "healthz/": ("/healthz/", everybody(200)),
    "robots.txt": ("/robots.txt", everybody(200)),
    "sitemap.xml": checks.check_machines_read_as_strangers,
    "_util/login/": ("/_util/login/", everybody(302)),
    "documents/<int:pk>/<str:filename>": checks.check_documents,
    "images/<str:token>": checks.check_pictures,
    r"^events/calendar/(?P<pk>[0-9]{1,18})\.ics$": checks.check_calendars,
    "taken/<int:pk>/<str:filename>": taking.check_taken,
    "<language>/offline/": ("/offline/", everybody(200)),
    "<language>/offline/worker.js": ("/offline/worker.js", everybody(200)),
    "<language>/offline/<int:pk>/": taking.check_offline_copies,
    "<language>/search/": checks.check_search_pages,
    "<language>/search/suggest/": checks.check_suggestions_in_browser,
    "<language>/feed/": checks.check_machines_read_as_strangers,
    "feeds/searches/<str:token>/": checks.check_search_feeds,
    "<language>/account/searches/": ("/account/searches/", signed_in(200)),
    "<language>/account/searches/save/": ("/account/searches/save/", signed_in(302)),
    "<language>/account/searches/<int:pk>/": checks.check_saved_searches,
    "<language>/account/searches/<int:pk>/run/": ("/account/searches/1/run/", signed_in(405)),
    "<language>/account/searches/<int:pk>/feed/": ("/account/searches/1/feed/", signed_in(405)),
    "<language>/account/searches/<int:pk>/delete/": ("/account/searches/1/delete/", signed_in(405)),
    "<language>/searches/stop/<str:signed>/": ("/searches/stop/no-such-link/", everybody(404)),
    "<language>/changes/<int:pk>/": reading.check_changes,
    "<language>/account/reading/": ("/account/reading/", signed_in(200)),
    "<language>/account/reading/forget/": ("/account/reading/forget/", signed_in(302)),
    "<language>/account/reading/<int:pk>/": reading.check_read,
    "<language>/account/notes/": ("/account/notes/", signed_in(200)),
    "<language>/account/notes/export/<str:form>/": ("/account/notes/export/json/", signed_in(200)),
    "<language>/account/notes/on/<int:pk>/": reading.check_read,
    "<language>/account/notes/<int:pk>/": reading.check_notes,
    "<language>/account/notes/<int:pk>/delete/": ("/account/notes/1/delete/", signed_in(405)),
    "<language>/account/topics/": ("/account/topics/", signed_in(200)),
    **{
        f"<language>/working-groups/<slug:slug>/{path}": groups.check_groups
        for path in (
            *("people/", "withdraw/", "leave/", "requests/<int:pk>/", "authors/", "authors/<int:pk>/", "numbers/"),
            *("tasks/", "tasks/new/", "tasks/<int:pk>/", "tasks/<int:pk>/done/"),
            *("decisions/", "decisions/new/", "decisions/<int:pk>/"),
        )
    },
    "<language>/working-groups/": groups.check_giving,
    "<language>/working-groups/<slug:slug>/join/": groups.check_joining,
    "<language>/contribute/": groups.check_giving,
    "<language>/contribute/practice/": groups.check_giving,
    "<language>/contribute/event/": groups.check_giving,
    "<language>/contribute/thanks/": groups.check_giving,
    "<language>/contribute/suggestion/<int:pk>/": groups.check_giving,
    "<language>/suggestions/": groups.check_giving,
    "<language>/suggestions/<int:pk>/": groups.check_giving,
    "<language>/account/": ("/account/", signed_in(200)),
    "<language>/accounts/login/": ("/accounts/login/", signed_in(302, 200)),
    "<language>/accounts/logout/": ("/accounts/logout/", signed_in(200)),
    "<language>/accounts/inactive/": ("/accounts/inactive/", everybody(200)),
    "<language>/accounts/password/change/": ("/accounts/password/change/", signed_in(200)),
    "<language>/accounts/password/reset/": ("/accounts/password/reset/", everybody(200)),
    "<language>/accounts/password/reset/done/": ("/accounts/password/reset/done/", everybody(200)),
    r"<language>/^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (
        "/accounts/password/reset/key/1-no-such-key/",
        everybody(200),
    ),
    "<language>/accounts/password/reset/key/done/": ("/accounts/password/reset/key/done/", everybody(200)),
    **LIBRARY,
    r"<language>/^((?:[\w\-]+/)*)$": checks.check_pages,
}
# One rule for all of it: a stranger is asked to sign in, leads and authors have named doors (hub.admin_doors), for
# all others but the secretariat it is not there.
ADMIN = "admin/"


@dataclass(frozen=True)
class Route:
    """One pattern the hub answers at, with the regular expressions of its parts."""

    pattern: URLPattern
    parts: tuple[str, ...]
    namespaces: tuple[str, ...] = ()


def routes(
    resolver: URLResolver, before: str = "", parts: tuple[str, ...] = (), spaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, Route]]:
    """Every pattern the hub answers at, as it is written, with those it stands under."""
    for pattern in resolver.url_patterns:
        is_language = isinstance(pattern.pattern, LocalePrefixPattern)
        written = before + ("<language>/" if is_language else str(pattern.pattern))
        below = (*parts, pattern.pattern.regex.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from routes(pattern, written, below, inner)
        else:
            yield written, Route(pattern, below, spaces)


ROUTES: dict[str, Route] = {}
for found_name, found_route in routes(get_resolver()):
    ROUTES.setdefault(found_name, found_route)  # the first of two at one address is the one that answers


def test_every_address_has_a_row():
    unclassified = [route for route in ROUTES if route not in TABLE and not route.startswith(ADMIN)]
    assert unclassified == [], "write a row for each in TABLE"
    assert [route for route in TABLE if route not in ROUTES] == [], "rows without an address"
    assert all(set(row[1]) == EVERYBODY for row in TABLE.values() if isinstance(row, tuple))


FIXED = [(route, *row) for route, row in TABLE.items() if isinstance(row, tuple)]


@pytest.mark.parametrize(("route", "path", "answers"), FIXED, ids=[row[0] for row in FIXED])
def test_an_address_answers_each_visitor_as_its_row_says(world, route, path, answers):
    for prefix in checks.LANGUAGES.values() if route.startswith("<language>") else [""]:
        for name, status in answers.items():
            answer = world.clients[name].get(prefix + path)
            assert answer.status_code == status, f"{prefix}{path} for {name}"
            checks.check_nothing_more(world, name, answer, prefix + path)


def test_a_stranger_who_is_sent_to_sign_in_comes_back_to_where_he_wanted(world):
    for path in ("/account/", "/de/account/topics/", "/admin/", "/admin/pages/2/edit/"):
        assert world.clients["anonymous"].get(path).url.endswith(f"/accounts/login/?next={path}")


# Pages and lists ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", personas.NAMES)
def test_pages_open_to_their_readers_and_for_all_others_are_as_if_they_were_not_there(world, name):
    checks.check_pages(world, [name])


def test_other_methods_and_conditions_open_no_page(world):
    checks.check_pages_by_other_methods(world)


@pytest.mark.parametrize("name", personas.NAMES)
def test_lists_hold_exactly_what_a_visitor_may_list(world, name):
    checks.check_lists(world, [name])


@pytest.mark.parametrize("name", personas.NAMES)
def test_nothing_hints_at_what_is_closed(world, name):
    checks.check_hints(world, [name])


def test_links_lead_only_to_what_is_open(world):
    checks.check_links_lead_to_what_is_open(world)


def test_feeds_and_sitemap_say_to_everybody_what_strangers_may_read(world):
    checks.check_machines_read_as_strangers(world)


def test_redirects_lead_only_those_who_may_read_their_end(world):
    checks.check_redirects(world)


# Search ---------------------------------------------------------------------------------------------


@pytest.mark.own_engine(reason="its site search and completions, with the words of each place, asked without a page")
@pytest.mark.parametrize("name", checks.DISTINCT)
def test_words_of_closed_pages_are_not_found_counted_or_known(world, name):
    checks.check_search(world, [name])


@pytest.mark.own_engine(reason="it alone looks into files")
@pytest.mark.parametrize("name", ["lapsed", *checks.DISTINCT])
def test_words_inside_closed_files_are_not_found_counted_or_known(world, name):
    checks.check_search_in_files(world, [name])


def test_the_search_page_and_the_library_find_only_what_is_open(world):
    checks.check_search_pages(world)


@pytest.mark.own_engine(reason="it alone asks the vocabulary")
def test_only_terms_that_may_be_read_are_named_and_only_pages_that_may_be_listed_recommended(world):
    checks.check_terms(world)
    checks.check_recommended(world)


def test_facets_count_only_what_may_be_listed(world):
    checks.check_facets(world)


@pytest.mark.own_engine(reason="its site search and completions, with the words of each place, asked without a page")
def test_suggestions_hold_only_what_may_be_known(world):
    checks.check_suggestions(world)


def test_suggestions_in_the_browser_hold_only_what_may_be_known(world):
    checks.check_suggestions_in_browser(world)


# Saved searches -------------------------------------------------------------------------------------


def test_saved_searches_are_their_owners_alone(world):
    checks.check_saved_searches(world)


def test_feeds_of_saved_searches_hold_what_their_owner_may_read_now(world):
    checks.check_search_feeds(world)


def test_alerts_go_to_members_and_say_nothing(world):
    checks.check_search_alerts(world)


# Working groups -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", personas.NAMES)
def test_what_goes_on_in_a_group_is_for_its_own_people(world, name):
    groups.check_groups(world, [name])


def test_only_members_who_may_open_a_groups_page_can_come_in(world):
    groups.check_joining(world)


def test_what_members_give_is_shown_to_them_and_to_those_who_look_after_it(world):
    groups.check_giving(world)


# What readers keep ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", personas.NAMES)
def test_old_words_of_a_chapter_come_back_only_for_who_could_read_them_all_the_time(world, name):
    reading.check_marks(world, [name])


def test_the_history_of_a_chapter_is_told_to_its_readers(world):
    reading.check_changes(world)


def test_what_one_may_not_open_is_neither_noted_as_read_nor_written_on(world):
    reading.check_read(world)


def test_notes_are_their_owners_alone(world):
    reading.check_notes(world)


# Beside the library ---------------------------------------------------------------------------------


def test_editions_are_for_those_who_may_read_the_page_then_and_now(world):
    library.check_editions(world)


def test_the_address_to_cite_leads_on_only_those_who_may_know(world):
    library.check_permanent_addresses(world)


def test_citations_go_to_those_who_may_open_the_page(world):
    library.check_citations(world)


@pytest.mark.own_engine(reason="another engine is asked page by page")
def test_exported_lists_hold_what_one_may_open(world):
    library.check_exports(world)


def test_notes_of_those_who_tried_it_are_for_members_who_may_read_the_practice(world):
    library.check_tried(world)


def test_countries_where_it_was_tried_are_named_from_three_members_on(world):
    library.check_countries(world)


def test_reading_lists_are_their_owners_and_show_each_reader_what_he_may_open(world):
    library.check_reading_lists(world)


# Files ----------------------------------------------------------------------------------------------


def test_documents_go_only_to_their_readers(world):
    checks.check_documents(world)


def test_pictures_go_only_to_their_readers(world):
    checks.check_pictures(world)


def test_no_upload_has_an_address_by_its_path(world):
    checks.check_media(world)


def test_calendars_go_only_to_readers_and_name_only_what_is_public(world):
    checks.check_calendars(world)


def test_memberships_seats_and_groups_open_from_their_first_day_to_their_last(world):
    checks.check_days(world)


# Taken away -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", personas.NAMES)
def test_a_guidebook_is_taken_away_with_what_its_taker_may_read(world, name):
    taking.check_taken(world, [name])


@pytest.mark.parametrize("name", personas.NAMES)
def test_a_device_keeps_what_its_owner_may_read_but_nothing_of_a_group(world, name):
    taking.check_offline_copies(world, [name])


# The admin ------------------------------------------------------------------------------------------

# What may stand in an address, tried until it leads to the pattern it was made for.
GUESSES = ("1", "core", "topic", "x", "publish", "a/b/c", "00000000-0000-0000-0000-000000000000", "width-50")
ADMIN_ROUTES = {name: route for name, route in ROUTES.items() if name.startswith(ADMIN) and name not in TABLE}


def address_of(route: Route) -> str | None:
    """An address that leads to a pattern; None where no guess does."""
    for pieces in product(*(normalize(part) for part in route.parts)):
        for guess in GUESSES:
            path = "/" + "".join(template % dict.fromkeys(names, guess) for template, names in pieces)
            try:
                if resolve(path).func is route.pattern.callback:
                    return path
            except Resolver404:
                continue
    return None


@pytest.fixture(scope="module")
def admin_addresses() -> dict[str, str | None]:
    """An address for every pattern of the admin."""
    return {name: address_of(route) for name, route in ADMIN_ROUTES.items()}


def test_every_pattern_of_the_admin_is_tried(admin_addresses):
    assert len(admin_addresses) > 200
    assert [route for route, address in admin_addresses.items() if address is None] == []


# Leads and authors of a group with a space have named doors: tests/hub/test_admin_doors.py. In this scenario no group
# has one, so that there is nothing for anybody to work on.
@pytest.mark.parametrize("name", [name for name in personas.NAMES if name != "secretariat"])
def test_the_admin_is_not_there_for_others(world: World, admin_addresses: Any, name: str):
    client = world.clients[name]
    path = "/admin/nothing-is-here/"
    nothing = checks.plain(client.get(path), path)
    tried = sorted(admin_addresses.values())
    if name not in ("anonymous", "lead", "board"):
        tried = tried[personas.NAMES.index(name) % 4 :: 4]  # the rest of them together try each several times
    for number, address in enumerate(tried):
        answer = client.get(address)
        if name == "anonymous":
            assert answer.status_code == 302
            assert answer.url.startswith("/accounts/login/?next=/admin/")
        else:
            assert checks.plain(answer, address) == nothing, f"{address} for {name}"
        if name in ("anonymous", "lead", "board") and number % 3 == 0:
            assert client.post(address).status_code == (302 if name == "anonymous" else 404), address


def test_the_secretariat_works_in_the_admin(world):
    item = world.one("resource", "group_full")
    for path in ("/admin/", "/admin/pages/", f"/admin/pages/{item.thing.pk}/edit/", "/admin/images/"):
        assert world.clients["secretariat"].get(path).status_code == 200
