"""The state of a list in its address, and what an entry tells of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from core.access import ANONYMOUS, Viewer
from core.cards import card_of, load
from core.facets import FILTERS
from core.listing import LONGEST_VALUE, MOST_VALUES, Listing
from search.library import LONGEST_QUERY, Hit

Make = Callable[..., Any]
EVERYONE = Viewer(sees_all=True)
any_text = st.text(st.characters(exclude_categories=()), max_size=60)


def test_the_address_says_words_then_filters_then_the_page() -> None:
    listing = Listing.of(QueryDict("page=3&audience=full&kind=tool&q=a+b&kind=practice&kind=tool&colour=red"))
    assert listing == Listing("a b", (("kind", "tool"), ("kind", "practice"), ("audience", "full")), 3)
    assert listing.url("/x/") == "/x/?q=a+b&kind=tool&kind=practice&audience=full&page=3"
    assert listing.url("/x/", q="", chosen=(), page=1) == "/x/"
    assert listing.filters == {"kind": ["tool", "practice"], "audience": ["full"]}
    assert listing.without("kind", "tool") == (("kind", "practice"), ("audience", "full"))


def test_what_is_too_long_or_too_much_is_cut() -> None:
    listing = Listing.of(QueryDict(f"q={'a' * 9999}&kind={'b' * 9999}&" + "&".join(f"topic=t{n}" for n in range(500))))
    assert len(listing.q) == LONGEST_QUERY
    assert listing.values("kind") == ["b" * LONGEST_VALUE]
    assert len(listing.values("topic")) == MOST_VALUES


@given(any_text, st.lists(st.tuples(st.sampled_from(FILTERS), any_text), max_size=8), any_text)
def test_any_address_is_read_and_written_and_read_again_the_same(
    words: str, chosen: list[tuple[str, str]], page: str
) -> None:
    data = QueryDict(mutable=True)
    data.setlist("q", [words])
    data.setlist("page", [page])
    for facet, value in chosen:
        data.appendlist(facet, value)
    listing = Listing.of(data)
    assert Listing.of(QueryDict(listing.url("/").partition("?")[2])) == listing
    assert hash(listing)


def hit_of(page: Any, **fields: Any) -> Hit:
    """A hit on a page, as the engine gives it."""
    return Hit(
        model="resources.ResourcePage",
        pk=str(page.pk),
        item=str(page.translation_key),
        title="Title of the index",
        language="en",
        snippet="words of the <mark>body</mark>",
        anchor="#b-1",
        label="A heading",
        **fields,
    )


def test_an_entry_of_a_closed_page_tells_nothing_of_its_text_whatever_the_index_says(
    make_resource: Make, groups: dict[str, Any]
) -> None:
    page = make_resource(
        "Closed", audience="full", teaser=True, summary="Shown.", working_group=groups["family-and-community"]
    )
    card = card_of(page, ANONYMOUS, hit=hit_of(page))
    assert card.closed
    assert (card.title, card.summary, card.audience, card.language) == ("Closed", "Shown.", "full", "en")
    assert (card.html, card.place, card.place_url, card.group, card.date, card.minutes) == ("", "", "", "", None, 0)
    shown = card_of(page, EVERYONE, hit=hit_of(page))
    assert (shown.place, shown.group) == ("A heading", "Family and community")
    assert "<mark>" in shown.html


def test_hits_on_what_is_closed_gone_or_no_page_are_left_out(make_resource: Make) -> None:
    closed, is_open = make_resource("Closed", audience="full"), make_resource("Open")
    stranger = Hit(model="core.HubDocument", pk=str(is_open.pk), item="", title="", language="en")
    gone = Hit(model="resources.ResourcePage", pk="999999", item="no-uuid", title="", language="en")
    unknown = Hit(model="nothing.Known", pk="x", item="", title="", language="en")
    cards = load([hit_of(closed), stranger, gone, unknown, hit_of(is_open)], ANONYMOUS)
    assert [card.title for card in cards] == ["Open"]
    assert load([], ANONYMOUS) == []
