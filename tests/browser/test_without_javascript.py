"""Without JavaScript all of it still works; only some of it takes a page more."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened, sign_in
from tests.browser.page_types import CHAPTER


@pytest.fixture
def page(opened: Opened) -> Page:
    """A window in which no script runs."""
    return opened(java_script_enabled=False)


def test_one_signs_in_changes_the_account_and_signs_out(page: Page):
    sign_in(page, "student")
    page.goto("/account/")
    page.get_by_label("Display name").fill("Noor")
    page.get_by_label("Time zone").select_option("Europe/Paris")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("main").get_by_text("settings are saved")).to_be_visible()
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Paris")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()


def test_topics_are_chosen_and_taken_away(page: Page):
    sign_in(page, "student")
    for wanted in (True, False):
        page.goto("/account/topics/")
        page.get_by_label("Building trust").set_checked(wanted)
        page.get_by_role("button", name="Save").click()
        page.goto("/account/topics/")
        expect(page.get_by_label("Building trust")).to_be_checked(checked=wanted)


def test_the_library_is_filtered_and_paged(page: Page):
    page.goto("/library/")
    everything = how_many(page)
    page.get_by_label("Best practice").check()
    page.locator(".filters__go button").click()
    page.wait_for_url(re.compile("kind=practice"))
    assert 0 < how_many(page) < everything
    page.get_by_role("link", name=re.compile("Remove the filter")).click()
    page.wait_for_url(lambda address: "kind=" not in address)
    assert how_many(page) == everything
    first = titles(page)
    page.get_by_role("link", name="Next").click()
    page.wait_for_url(re.compile("page=2"))
    assert not set(titles(page)) & set(first)
    page.get_by_role("link", name="Previous").click()
    expect(page.locator("#found .entry__title").first).to_have_text(first[0])


def test_filters_come_within_reach_on_a_phone(opened: Opened):
    page = opened(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page.goto("/library/")
    expect(page.get_by_label("Best practice")).to_be_hidden()
    page.locator(".filters > summary").click()
    page.get_by_label("Best practice").check()
    page.locator(".filters__go button").click()
    page.wait_for_url(re.compile("kind=practice"))


def test_one_searches_from_every_page_and_opens_what_is_found(page: Page):
    page.goto("/library/parents-first-call/")
    page.get_by_role("banner").get_by_role("searchbox").fill("first conversation")
    page.get_by_role("banner").get_by_role("button", name="Search").click()
    page.wait_for_url(re.compile("/search/"))
    assert how_many(page) > 0
    expect(page.locator("#found mark").first).to_be_visible()
    page.locator("#found .entry__title a").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "/search/" not in page.url


def test_a_chapter_is_read_with_contents_footnotes_and_the_next_one(page: Page):
    page.goto(CHAPTER)
    page.locator(".ref a").first.click()
    expect(page.locator(":target")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Read on")).click()
    page.wait_for_url("**/what-holds/")
    page.get_by_role("navigation", name="Chapters of this guidebook").get_by_role("link", name="Doubt").click()
    page.wait_for_url("**/doubt/")


def test_the_language_is_changed(page: Page):
    page.goto(CHAPTER)
    page.locator(".menu--languages > summary").click()
    page.get_by_role("navigation", name="Language").get_by_role("link", name="Deutsch").click()
    page.wait_for_url(f"/de{CHAPTER}")


def how_many(page: Page) -> int:
    """The number in the line above the entries."""
    line = page.locator("#found .results .showing").first.inner_text()
    found = re.search(r"\d+", line)
    assert found, line
    return int(found.group())


def titles(page: Page) -> list[str]:
    """The titles of the entries on this page of a list."""
    return page.locator("#found .entry__title").all_inner_texts()
