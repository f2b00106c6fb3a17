"""A guidebook on a device: only when the reader says so, readable without a line, and gone when it must be."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from tests.browser.conftest import PATIENCE, sign_in
from tests.browser.page_types import FIRST_BOOK

MEMBERS_BOOK = "/guidebooks/working-online/"
STORED = """async () => ({
    books: (await (await caches.open("kept-guidebooks")).keys()).map((one) => new URL(one.url).pathname),
    frame: await (await caches.open("kept-frame")).keys().then((all) => all.length),
    workers: (await navigator.serviceWorker.getRegistrations()).map((one) => new URL(one.scope).pathname),
    entries: Object.keys(localStorage),
})"""


def keep(page: Page, address: str) -> str:
    """Keep a guidebook; gives the address of the copy."""
    page.goto(address)
    page.get_by_text("Read it without a connection").click()
    expect(page.get_by_text("Whoever can unlock it can read what is kept")).to_be_visible()
    page.get_by_role("button", name="Keep this guidebook on this device").click()
    expect(page.get_by_text("It is kept on this device.")).to_be_visible()
    copy = page.locator("[data-copy]").get_attribute("data-copy")
    assert copy
    return copy


def stored(page: Page) -> dict[str, Any]:
    """What this browser keeps."""
    return dict(page.evaluate(STORED))


def test_a_guidebook_is_kept_read_without_a_line_and_gone_after_signing_out(opened):
    page = opened()
    sign_in(page, "associate")
    page.goto(MEMBERS_BOOK)
    assert stored(page) == {"books": [], "frame": 0, "workers": [], "entries": []}, "nothing is kept unasked"
    copy = keep(page, MEMBERS_BOOK)
    found = stored(page)
    assert found["books"] == [copy]
    assert found["workers"] == ["/offline/"], "the worker reaches no further"

    page.context.set_offline(True)
    page.goto("/offline/")
    expect(page.get_by_role("link", name="Working online")).to_be_visible()
    assert "Sign in" in page.locator("header").first.inner_text(), "no name is kept with the list"
    page.get_by_role("link", name="Working online").click()
    expect(page.get_by_text("This is an offline copy of")).to_be_visible()
    expect(page.get_by_text("For members of INDEX.").first).to_be_visible()
    assert page.locator("section.part").count() > 1
    first = page.locator("nav a").first
    first.click()
    assert page.url.endswith(first.get_attribute("href") or "?")
    page.goto("/offline/999999/")
    expect(page.get_by_role("heading", name="On this device")).to_be_visible()
    with pytest.raises(Error):
        page.goto("/account/")

    page.context.set_offline(False)
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("/")
    assert stored(page) == {"books": [], "frame": 0, "workers": [], "entries": []}
    assert "kept_by" not in {cookie.get("name") for cookie in page.context.cookies()}
    page.context.set_offline(True)
    with pytest.raises(Error):
        page.goto(copy)


def test_a_stranger_keeps_an_open_guidebook_and_removes_it_again(opened):
    page = opened()
    copy = keep(page, FIRST_BOOK)
    page.get_by_role("button", name="Remove it from this device").click()
    expect(page.get_by_text("It is no longer on this device.")).to_be_visible()
    assert stored(page)["books"] == []
    keep(page, FIRST_BOOK)
    page.goto("/offline/")
    page.get_by_role("button", name="Remove The first ten conversations").click()
    expect(page.get_by_text("Nothing is kept on this device. Open a guidebook")).to_be_visible()
    assert stored(page)["books"] == []
    keep(page, FIRST_BOOK)
    page.goto("/offline/")
    page.get_by_role("button", name="Remove all of it from this device").click()
    expect(page.get_by_text("Nothing is kept on this device any more")).to_be_visible()
    assert stored(page) == {"books": [], "frame": 0, "workers": [], "entries": []}
    assert copy not in page.content()


def test_another_persons_session_takes_a_copy_away_and_ones_own_does_not(opened):
    page = opened()
    sign_in(page, "associate")
    copy = keep(page, MEMBERS_BOOK)
    page.context.clear_cookies(name="sessionid")
    sign_in(page, "associate")
    page.goto("/offline/")
    expect(page.get_by_role("link", name="Working online")).to_be_visible()
    assert stored(page)["books"] == [copy]
    page.context.clear_cookies(name="sessionid")
    sign_in(page, "lead")
    assert stored(page)["books"] == []


def test_who_is_signed_out_by_time_loses_the_copy_when_the_hub_is_reached(opened):
    page = opened()
    sign_in(page, "associate")
    keep(page, MEMBERS_BOOK)
    page.context.clear_cookies(name="sessionid")
    page.goto("/offline/")
    expect(page.get_by_text("Nothing is kept on this device. Open a guidebook")).to_be_visible()
    assert stored(page)["books"] == []


def test_what_is_no_longer_open_is_removed(browser, base_url):
    page = browser.new_context(base_url=base_url).new_page()  # its console says that the answer was a 404
    page.set_default_timeout(PATIENCE * 1000)
    copy = keep(page, FIRST_BOOK)
    page.evaluate(
        """async (copy) => {
            const store = await caches.open("kept-guidebooks");
            await store.put("/offline/999999/", await store.match(copy));
        }""",
        copy,
    )
    page.goto("/offline/")
    expect(page.get_by_role("button", name="Remove all of it from this device")).to_be_visible()
    assert stored(page)["books"] == [copy]
    page.context.close()


def test_a_group_s_own_guidebook_is_not_offered(opened):
    page = opened("lead")
    page.goto("/groups/family-and-community/")
    for address in page.locator("main a").evaluate_all("(all) => all.map((one) => one.pathname)"):
        if "family-case-rounds" in address:
            page.goto(address)
            assert page.locator("[data-copy]").count() == 0


def test_without_javascript_the_words_lead_to_the_epub(opened):
    page = opened(java_script_enabled=False)
    page.goto(FIRST_BOOK)
    page.get_by_text("Read it without a connection").click()
    expect(page.get_by_text("Take the EPUB: it opens without a connection too.")).to_be_visible()
    expect(page.get_by_role("button", name="Keep this guidebook")).to_have_count(0)
    page.goto("/offline/")
    expect(page.get_by_text("JavaScript is off")).to_be_visible()
