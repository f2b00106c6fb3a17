"""Worksheets and checklists: filled in where one sits; nothing leaves the browser, and nothing stays unasked."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, sign_in
from tests.browser.page_types import FIRST_BOOK

CHAPTER = f"{FIRST_BOOK}before-the-first-word/"
MEMORY = "() => Object.entries(localStorage)"


def fill(page: Page) -> Any:
    """Fill in the worksheet and tick one item of the checklist."""
    sheet = page.get_by_role("region", name="Five minutes before")
    sheet.get_by_label("What am I afraid of?").fill("Secret words about a client")
    sheet.get_by_role("group", name="How tired am I today?").get_by_label("3").check()
    sheet.get_by_label("a colleague").check()
    sheet.get_by_label("my supervisor").check()
    sheet.get_by_label("One small aim for the first hour").fill("One line\nand another")
    page.get_by_label("I know how the person gets home").check()
    return sheet


def filled(page: Page) -> list[Any]:
    """What stands in the fields."""
    sheet = page.get_by_role("region", name="Five minutes before")
    return [
        sheet.get_by_label("What am I afraid of?").input_value(),
        sheet.get_by_role("group", name="How tired am I today?").get_by_label("3").is_checked(),
        sheet.get_by_label("a colleague").is_checked(),
        sheet.get_by_label("my supervisor").is_checked(),
        sheet.get_by_label("One small aim for the first hour").input_value(),
        page.get_by_label("I know how the person gets home").is_checked(),
    ]


EMPTY = ["", False, False, False, "", False]
FULL = ["Secret words about a client", True, False, True, "One line\nand another", True]


def test_no_request_leaves_the_browser_and_nothing_is_kept_unasked(opened):
    page = opened()
    page.goto(CHAPTER, wait_until="networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sheet = fill(page)
    sheet.get_by_label("What am I afraid of?").press("Enter")
    assert filled(page) == FULL
    page.wait_for_load_state("networkidle")
    assert asked == []
    assert page.evaluate(MEMORY) == []
    assert page.evaluate("() => document.querySelectorAll('.worksheet form, form .worksheet').length") == 0
    page.reload()
    assert filled(page) == EMPTY


def test_entries_stay_when_asked_until_they_are_cleared(opened):
    page = opened(viewport=PHONE)
    page.goto(CHAPTER)
    sheet = fill(page)
    sheet.get_by_label("Keep my entries on this device").check()
    checklist = page.get_by_role("group", name="Before a first meeting")
    checklist.get_by_label("Keep my entries on this device").check()
    page.reload()
    assert filled(page) == FULL
    assert "gets home" not in str(page.evaluate(MEMORY)), "words of the page are not stored"
    sheet.get_by_role("button", name="Clear").click()
    assert filled(page) == [*EMPTY[:-1], True]
    page.reload()
    assert filled(page) == [*EMPTY[:-1], True]
    checklist.get_by_label("Keep my entries on this device").uncheck()
    assert page.evaluate(MEMORY) == []
    page.reload()
    assert filled(page) == EMPTY


def test_signing_out_and_another_person_take_entries_away(opened):
    page = opened()
    sign_in(page, "associate")
    page.goto(CHAPTER)
    fill(page).get_by_label("Keep my entries on this device").check()
    assert len(page.evaluate(MEMORY)) == 1
    page.context.clear_cookies(name="sessionid")
    sign_in(page, "full")
    assert page.evaluate(MEMORY) == []
    page.goto(CHAPTER)
    fill(page).get_by_label("Keep my entries on this device").check()
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("/")
    assert page.evaluate(MEMORY) == []


def test_a_worksheet_prints_alone(opened):
    page = opened()
    page.goto(CHAPTER)
    page.evaluate("""() => { window.print = () => {
        window.printed = [...document.querySelectorAll("h1, .worksheet, .prose > p")].map(
            (one) => [one.tagName, Boolean(one.closest(".no-print"))]);
    }; }""")
    page.get_by_role("region", name="Five minutes before").get_by_role("button", name="Print").click()
    printed = page.evaluate("() => window.printed")
    assert [hidden for tag, hidden in printed if tag == "SECTION"] == [False]
    assert all(hidden for tag, hidden in printed if tag != "SECTION")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("() => document.querySelector('h1').closest('.no-print')") is None


def test_without_javascript_it_is_filled_in_and_printed_all_the_same(opened):
    page = opened(java_script_enabled=False)
    page.goto(CHAPTER)
    fill(page)
    assert filled(page) == FULL
    expect(page.get_by_label("Keep my entries on this device").first).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.get_by_role("region", name="Five minutes before")).to_be_visible()
