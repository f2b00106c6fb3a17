"""Notes beside paragraphs and what is noted as read, in a real browser, with and without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Opened
from tests.browser.test_accessibility import violations_in_every_form
from tests.browser.test_phone import SIDEWAYS

BOOK = "/guidebooks/the-first-ten-conversations/"
# A chapter for each test, and a person whom no other test needs: what they keep stays apart.
PERSON = "board"


def forget_all(page: Page) -> None:
    page.goto("/account/reading/")
    button = page.get_by_role("button", name="Forget what I read")
    if button.count():
        button.click()


def delete_notes(page: Page) -> None:
    page.goto("/account/notes/")
    while (link := page.get_by_role("link", name="Change or delete")).count():
        link.first.click()
        page.get_by_role("button", name="Delete this note").click()
        page.wait_for_url("**/account/notes/")


def test_a_note_is_written_beside_its_paragraph(opened: Opened):
    page = opened(PERSON)
    delete_notes(page)
    page.goto(f"{BOOK}what-holds/")
    paragraph = page.locator(".chapter__text > p[id^='b-']").nth(1)
    paragraph.hover()
    page.locator(".kept__open").click()
    field = page.get_by_label("Your note on this paragraph")
    expect(field).to_be_focused()
    assert violations_in_every_form(page) == {}
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    paragraph.hover()
    page.locator(".kept__open").click()
    field.fill("Try this on Monday")
    page.get_by_role("button", name="Keep").click()
    page.wait_for_url(re.compile(r"/what-holds/#b-"))
    note = page.locator(".chapter__text > .practice-point[lang]")
    expect(note).to_contain_text("Try this on Monday")
    before = note.evaluate("note => note.previousElementSibling.matches('.notes, [id^=b-]')")
    assert before
    assert violations_in_every_form(page) == {}
    delete_notes(page)


def test_a_chapter_is_noted_as_read_once_it_was_open_a_while_and_read_to_its_end(opened: Opened):
    page = opened(PERSON)
    forget_all(page)
    page.clock.install()
    page.goto(f"{BOOK}doubt/")
    page.clock.fast_forward("00:30")
    expect(page.get_by_role("button", name="I have read this")).to_have_count(1)  # its end was not seen
    with page.expect_response(re.compile(r"/account/reading/\d+/")) as answer:
        page.locator("#kept").scroll_into_view_if_needed()
    assert answer.value.status == 204
    expect(page.locator("#kept")).to_contain_text("Noted as read.")
    page.goto("/account/reading/")
    expect(page.get_by_role("main").get_by_role("link", name=re.compile("Doubt"))).to_be_visible()
    assert violations_in_every_form(page) == {}
    forget_all(page)
    expect(page.get_by_text("Nothing is noted", exact=True)).to_be_visible()


def test_without_scripts_one_notes_reading_and_writes_notes_on_pages_of_their_own(opened: Opened):
    page = opened(PERSON, java_script_enabled=False, viewport=PHONE)
    page.goto(f"{BOOK}talking-about-beliefs/")
    page.get_by_role("button", name="I have read this").click()
    expect(page.get_by_text("You read this on")).to_be_visible()
    page.get_by_role("button", name="Forget that").click()
    expect(page.get_by_role("button", name="I have read this")).to_be_visible()
    page.get_by_role("link", name="Notes and bookmarks on this chapter").click()
    page.locator("#places a").nth(2).press("Enter")  # it may run over two lines
    page.get_by_label("Your note").fill("Without scripts")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("main")).to_contain_text("Without scripts")
    page.get_by_role("link", name="Back to the chapter").click()
    expect(page.locator("#kept")).to_contain_text("Without scripts")
    page.locator("#kept").get_by_role("link", name="Change or delete").click()
    page.get_by_role("button", name="Delete this note").click()
    expect(page.locator("main")).not_to_contain_text("Without scripts")


@pytest.mark.parametrize("language", ["", "/ar"])
def test_pages_of_notes_and_changes_break_no_rule_of_accessibility(opened: Opened, language: str):
    page = opened(PERSON)
    chapter = f"{BOOK}before-the-first-word/" if not language else "/ar/guidebooks/parents-partners-siblings/who-calls/"
    page.goto(chapter)
    kept = page.locator("#kept")
    notes = kept.locator("a[href*='/account/notes/on/']").get_attribute("href")
    changes = page.locator(".page-head a[href*='/changes/']").get_attribute("href")
    page.goto(f"{notes}")
    first = page.locator("#places a").first.get_attribute("href")
    for address in (notes, f"{notes}{first}", changes, f"{language}/account/notes/", f"{language}/account/reading/"):
        page.goto(f"{address}")
        assert violations_in_every_form(page) == {}, address
        page.set_viewport_size({**PHONE, "width": 320})
        assert page.evaluate(SIDEWAYS) <= 0, address
