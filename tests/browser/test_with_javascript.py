"""With JavaScript filters answer at once, the address says what is shown, and suggestions come while one types."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened
from tests.browser.test_without_javascript import how_many, titles


def choose(page: Page, label: str) -> None:
    """Tick a filter and wait for its answer."""
    with page.expect_response(re.compile(r"/library/\?")):
        page.get_by_label(label).check()


def test_a_filter_changes_the_list_and_the_address_without_a_new_page(opened: Opened):
    page = opened()
    page.goto("/library/")
    everything = how_many(page)
    page.evaluate("window.samePage = true")
    choose(page, "Best practice")
    page.wait_for_url(re.compile("kind=practice"))
    expect(page.get_by_role("link", name=re.compile("Remove the filter"))).to_be_visible()
    assert 0 < how_many(page) < everything
    assert page.evaluate("window.samePage")


def test_the_address_of_a_filtered_list_gives_the_same_list_again(opened: Opened):
    page = opened()
    page.goto("/library/")
    choose(page, "Best practice")
    page.wait_for_url(re.compile("kind=practice"))
    expect(page.get_by_role("link", name=re.compile("Remove the filter"))).to_be_visible()
    shown = titles(page)
    page.reload()
    assert titles(page) == shown


def test_the_back_button_takes_filters_away_one_by_one(opened: Opened):
    page = opened()
    page.goto("/library/")
    plain = titles(page)
    choose(page, "Best practice")
    page.wait_for_url(re.compile("kind=practice"))
    expect(page.locator("#found .chip")).to_have_count(1)
    practices = titles(page)
    choose(page, "Tool")
    page.wait_for_url(re.compile("kind=tool"))
    expect(page.locator("#found .chip")).to_have_count(2)
    page.go_back()
    expect(page.locator("#found .chip")).to_have_count(1)
    assert titles(page) == practices
    expect(page.get_by_label("Tool")).not_to_be_checked()
    page.go_back()
    expect(page.locator("#found .chip")).to_have_count(0)
    assert titles(page) == plain
    expect(page.get_by_label("Best practice")).not_to_be_checked()


def test_what_is_unfolded_stays_unfolded_when_the_list_changes(opened: Opened):
    page = opened()
    page.goto("/library/")
    region = page.locator("details.facet", has=page.locator("summary", has_text="Region"))
    region.locator("summary").click()
    choose(page, "Best practice")
    expect(page.locator("#found .chip")).to_have_count(1)
    expect(region).to_have_attribute("open", "")


def test_a_link_found_after_a_change_of_filters_can_be_followed(opened: Opened):
    page = opened()
    page.goto("/library/")
    choose(page, "Best practice")
    expect(page.locator("#found .chip")).to_have_count(1)
    title = titles(page)[0]
    page.locator("#found .entry__title a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_suggestions_come_while_one_types_and_a_press_takes_one(opened: Opened):
    page = opened()
    page.goto("/")
    page.get_by_role("combobox").fill("paren")
    option = page.get_by_role("option").first
    expect(option).to_be_visible()
    words = option.locator("span").inner_text()
    option.click()
    page.wait_for_url(re.compile("/search/"))
    expect(page.get_by_role("combobox").first).to_have_value(words)
    assert how_many(page) > 0


def test_suggestions_name_nothing_that_is_closed_to_the_reader(opened: Opened):
    typed, title = "brothers", "brothers and sisters"
    for reader, is_told in (("", False), ("othermember", False), ("lead", True)):
        page = opened(reader)
        page.goto("/search/")
        with page.expect_response(re.compile("/suggest/")) as answer:
            page.get_by_role("combobox").first.fill(typed)
        assert (title in answer.value.text().lower()) is is_told, reader


def test_the_header_menus_close_on_a_press_elsewhere(opened: Opened):
    page = opened()
    page.goto("/about/")
    page.locator(".menu--languages > summary").click()
    expect(page.get_by_role("navigation", name="Language")).to_be_visible()
    page.get_by_role("heading", level=1).click()
    expect(page.get_by_role("navigation", name="Language")).to_be_hidden()
