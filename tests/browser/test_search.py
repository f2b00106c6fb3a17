"""The search page in a browser: results follow what is typed, and everything can be done with the keyboard alone."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.conftest import PHONE, Opened
from tests.browser.test_keyboard import reach
from tests.browser.test_without_javascript import how_many, titles


def type_into(page: Page, words: str) -> None:
    """Type into the search box, letter by letter."""
    box = page.get_by_role("combobox").first
    box.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(words)


def test_results_follow_what_is_typed_and_the_focus_stays(opened: Opened):
    page = opened()
    page.goto("/search/")
    everything = how_many(page)
    page.evaluate("window.samePage = true")
    type_into(page, "parents")
    page.wait_for_url(re.compile(r"\?q=parents$"))
    expect(page.locator("#found mark").first).to_be_visible()
    assert 0 < how_many(page) < everything
    assert page.evaluate("window.samePage")
    expect(page.get_by_role("combobox").first).to_be_focused()
    expect(page.get_by_role("combobox").first).to_have_value("parents")
    # Said to those who do not see it, in a region that was there before.
    expect(page.locator("[data-told][role=status]")).to_have_text(re.compile(rf"^{how_many(page)} results"))
    assert page.title().startswith("parents · ")


def test_an_earlier_question_never_overwrites_a_later_one(opened: Opened):
    page = opened()
    page.goto("/search/")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/search/\?q=parents$"), hold)
    type_into(page, "parents")
    page.wait_for_timeout(100)
    while not held:
        page.wait_for_timeout(50)
    type_into(page, "zzqqxx")
    page.wait_for_url(re.compile("q=zzqqxx"))
    expect(page.get_by_text("Nothing was found")).to_be_visible()
    with suppress(Error):  # the browser has given the earlier question up
        held[0].continue_()
    page.wait_for_timeout(500)
    expect(page.get_by_text("Nothing was found")).to_be_visible()
    assert "q=zzqqxx" in page.url


def test_a_stretch_of_typing_is_one_step_back(opened: Opened):
    page = opened()
    page.goto("/search/?q=prison")
    before = titles(page)
    for words in ("parents", "parents first", "parents first call"):
        type_into(page, words)
        page.wait_for_url(re.compile(rf"q={words.replace(' ', '(?:%20|[+])')}$"))
        expect(page.locator("[data-told]")).to_have_text(re.compile(r"\d"))
    page.go_back()
    page.wait_for_url(re.compile("q=prison"))
    expect(page.locator("#found .entry__title").first).to_have_text(before[0])


def test_what_is_typed_keeps_the_filters_and_the_other_way_round(opened: Opened):
    page = opened()
    page.goto("/search/?kind=practice&sort=date&q=prison")
    type_into(page, "parents")
    page.wait_for_url(re.compile("q=parents"))
    assert "kind=practice" in page.url
    assert "sort=date" in page.url
    with page.expect_response(re.compile("kind=chapter")):
        page.locator("input[name=kind][value=chapter]").check()
    page.wait_for_url(re.compile("kind=chapter"))
    assert "q=parents" in page.url
    expect(page.locator("#found .chip")).to_have_count(2)


def test_long_facets_unfold_and_stay_so(opened: Opened):
    page = opened()
    page.goto("/search/")
    more = page.locator("[data-fold=more-topic]")
    expect(more).not_to_have_attribute("open", "")
    more.locator("summary").click()
    last = more.get_by_role("checkbox").last
    with page.expect_response(re.compile("topic=")):
        last.check()
    page.wait_for_url(re.compile("topic="))
    expect(page.locator("#found .chip")).to_have_count(1)
    expect(more).to_have_attribute("open", "")
    expect(more.get_by_role("checkbox").last).to_be_focused()


def test_a_search_is_made_narrowed_saved_and_run_with_the_keyboard(opened: Opened):
    page = opened("student")
    page.goto("/search/")
    page.get_by_role("combobox").first.focus()
    page.keyboard.type("parents")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"\?q=parents$"))
    reach(page, "^practice$")
    page.keyboard.press("Space")
    page.wait_for_url(re.compile("kind=practice"))
    expect(page.locator("#found .chip")).to_have_count(1)
    number = how_many(page)
    reach(page, "^Save this search$")
    page.keyboard.press("Enter")
    reach(page, "^parents$")
    page.keyboard.press("Control+A")
    page.keyboard.type("Parents, practices")
    reach(page, "^Save$")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/searches/")
    expect(page.get_by_role("heading", name="Parents, practices")).to_be_visible()
    reach(page, "^Show results$")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search/\?q=parents&kind=practice$"))
    assert how_many(page) == number
    page.goto("/account/searches/")
    reach(page, "^Change$")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/account/searches/\d+/$"))
    reach(page, "^Delete this saved search$")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/searches/")
    expect(page.get_by_text("You have saved no search yet")).to_be_visible()


def test_how_to_search_leads_to_examples_that_work(opened: Opened):
    page = opened()
    page.goto("/search/")
    reach(page, "^How to search$")
    page.keyboard.press("Enter")
    reach(page, "^title:parents$")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=title%3Aparents"))
    assert all("parent" in title.lower() for title in titles(page))


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, PHONE], ids=["wide", "phone"])
def test_without_javascript_the_page_is_complete(opened: Opened, viewport: dict[str, int]):
    page = opened("associate", java_script_enabled=False, viewport=viewport)
    page.goto("/search/?q=prison")
    page.get_by_role("searchbox").first.fill("parents")
    page.get_by_role("main").get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url(re.compile("q=parents"))
    if viewport == PHONE:
        page.locator(".filters > summary").click()
    page.locator("input[name=kind][value=chapter]").check()
    page.locator(".filters__go button").click()
    page.wait_for_url(re.compile("kind=chapter"))
    assert "q=parents" in page.url
    expect(page.locator("#found .meta").first).to_contain_text(re.compile(r"in .+, chapter \d"))
    page.get_by_role("link", name="Newest").click()
    page.wait_for_url(re.compile("sort=date"))
    page.locator("#save-search summary").click()
    page.get_by_label("Tell me by e-mail").select_option("weekly")
    page.locator("#save-search").get_by_role("button", name="Save").click()
    page.wait_for_url("**/account/searches/")
    page.get_by_role("link", name="Change: parents").click()
    page.get_by_role("button", name="Make a feed").click()
    expect(page.locator("code")).to_contain_text("/feeds/searches/")
    page.get_by_role("button", name="Close the feed").click()
    page.get_by_role("button", name="Delete this saved search").click()
    page.wait_for_url("**/account/searches/")
    page.goto("/search/?q=zzqqxx&kind=practice")
    expect(page.get_by_role("link", name="Ask a working group")).to_be_visible()
