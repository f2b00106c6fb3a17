"""Everything can be done without a mouse; the place one is at can be seen, and one gets away from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from members.demo import DEMO_DOMAIN, DEMO_PASSWORD
from tests.browser.conftest import PHONE, Opened
from tests.browser.page_types import CHANGED, CHAPTER, FIRST_BOOK, GROUP, PRACTICE

MOST_STOPS = 400  # more than any page has

# What a person sees of the element that has the focus: whether any part of it is on the screen and on top,
# and whether it, or what draws the ring for it, has an outline of 2 px at least.
SEEN = """() => {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return null;
  element.dataset.stop ||= String(document.querySelectorAll("[data-stop]").length + 1);
  const boxes = [...element.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
  const isOnTop = boxes.some((box) => {
    // The middle of the part that is on the screen: a table that scrolls can be taller than a phone.
    const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    const top = document.elementFromPoint(x, y);
    return top && (element.contains(top) || top.contains(element) || top.closest("label")?.control === element);
  });
  const ring = [element, element.closest(".cover")].filter(Boolean).some((drawn) => {
    const style = getComputedStyle(drawn);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  return {
    stop: element.dataset.stop,
    name: element.outerHTML.slice(0, 120),
    text: (element.innerText || element.value || "").trim(),
    isOnTop, ring,
  };
}"""


def stops(page: Page, key: str = "Tab") -> Iterator[dict[str, Any]]:
    """Where the focus stands after each press of the key, until it leaves the page or begins again."""
    known: set[str] = set()
    for _press in range(MOST_STOPS):
        page.keyboard.press(key)
        seen = page.evaluate(SEEN)
        if seen is None or seen["stop"] in known:
            return
        known.add(seen["stop"])
        yield seen
    pytest.fail(f"After {MOST_STOPS} presses the focus is still on its way")


def reach(page: Page, words: str) -> None:
    """Press Tab until the thing with these words has the focus."""
    for seen in stops(page):
        if re.search(words, seen["text"]):
            return
    pytest.fail(f"Tab never came to {words!r}")


WALKED = [
    ("", "/"),
    ("lead", "/"),
    ("", "/library/"),
    ("", "/search/?q=parents"),
    ("", FIRST_BOOK),
    ("", CHAPTER),
    ("", "/standards/safeguarding/"),
    ("", "/events/supporting-parents-webinar/"),
    ("", "/accounts/login/"),
    ("lead", "/account/"),
    ("lead", f"{GROUP}people/"),
    ("full", CHANGED),
    ("full", PRACTICE),
    ("full", "/account/lists/"),
    ("full", "/account/notes/"),
    ("", "/ar/guidebooks/parents-partners-siblings/who-calls/"),
]


@pytest.mark.parametrize("on_a_phone", [False, True], ids=["wide", "phone"])
@pytest.mark.parametrize(("reader", "address"), WALKED)
def test_the_focus_can_always_be_seen_and_is_never_trapped(opened: Opened, reader: str, address: str, on_a_phone: bool):
    page = opened(reader, **({"viewport": PHONE} if on_a_phone else {}))
    page.goto(address)
    walked = list(stops(page))
    assert [seen["name"] for seen in walked if not (seen["isOnTop"] and seen["ring"])] == []
    # Every link in the text was a stop: the walk did not end before the page did.
    passed = page.locator("main a[href]:visible:not([data-stop]):not([tabindex])")
    drawn = "links => links.filter((link) => link.checkVisibility()).map((link) => link.outerHTML)"
    assert passed.evaluate_all(drawn) == []


def test_one_can_walk_back_as_one_came(opened: Opened):
    page = opened()
    page.goto(CHAPTER)
    page.get_by_role("contentinfo").get_by_role("link").last.focus()
    assert len(list(stops(page, "Shift+Tab"))) > 20


def test_the_first_stop_leads_past_the_header_to_the_text(opened: Opened):
    page = opened()
    page.goto("/library/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the text")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_one_can_sign_in_and_out(opened: Opened):
    page = opened()
    page.goto("/")
    reach(page, "^Sign in$")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/login/**")
    page.get_by_label("E-mail").focus()
    page.keyboard.type(f"associate@{DEMO_DOMAIN}")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    page.keyboard.type(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("/")
    reach(page, "Ines")
    page.keyboard.press("Enter")
    page.wait_for_url("/account/")
    reach(page, "^Sign out$")
    page.keyboard.press("Enter")
    page.wait_for_url("/")
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()


def test_a_wrong_password_is_said_and_the_address_is_kept(opened: Opened):
    page = opened()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(f"associate@{DEMO_DOMAIN}")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value(f"associate@{DEMO_DOMAIN}")


def test_suggestions_are_walked_with_the_arrows_and_taken_with_enter(opened: Opened):
    page = opened()
    page.goto("/library/parents-first-call/")
    box = page.get_by_role("combobox").first
    box.focus()
    page.keyboard.type("paren")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.nth(1).get_attribute("id"))
    expect(box).to_be_focused()
    chosen = options.nth(1).locator("span").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/search/"))
    expect(page.get_by_role("combobox").first).to_have_value(chosen)


def test_escape_closes_the_suggestions_and_keeps_what_was_typed(opened: Opened):
    page = opened()
    page.goto("/search/")
    box = page.get_by_role("combobox").first
    box.focus()
    page.keyboard.type("paren")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(box).to_have_value("paren")
    expect(box).to_be_focused()


def test_a_filter_is_chosen_with_space_and_the_focus_stays_on_it(opened: Opened):
    page = opened()
    page.goto("/library/")
    reach(page, "^practice$")
    with page.expect_response(re.compile(r"\?.*kind=practice")):
        page.keyboard.press("Space")
    page.wait_for_url(re.compile("kind=practice"))
    choice = page.locator("input[name=kind][value=practice]")
    expect(choice).to_be_checked()
    expect(choice).to_be_focused()


def test_a_book_is_read_from_its_cover_through_its_contents_to_the_next_chapter(opened: Opened):
    page = opened()
    page.goto(FIRST_BOOK)
    reach(page, "^The first conversation$")
    page.keyboard.press("Enter")
    page.wait_for_url(CHAPTER)
    reach(page, r"^5\s+Doubt")
    page.keyboard.press("Enter")
    page.wait_for_url("**/doubt/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Doubt")
    page.get_by_role("main").get_by_role("article").get_by_role("link").first.focus()
    reach(page, "^Read on")
    page.keyboard.press("Enter")
    page.wait_for_url("**/life-outside/")


def test_the_language_is_changed_on_the_spot(opened: Opened):
    page = opened()
    page.goto(CHAPTER)
    reach(page, "English$")
    page.keyboard.press("Enter")
    reach(page, "^Deutsch$")
    page.keyboard.press("Enter")
    page.wait_for_url(f"/de{CHAPTER}")
    assert page.locator("html").get_attribute("lang") == "de"


def test_the_menu_of_a_phone_opens_and_closes_without_losing_ones_place(opened: Opened):
    page = opened(viewport=PHONE)
    page.goto("/library/parents-first-call/")
    reach(page, "^Menu")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.locator(".menu--main > summary")).to_be_focused()


def test_the_filters_of_a_phone_open_and_close_by_their_button(opened: Opened):
    page = opened(viewport=PHONE)
    page.goto("/library/")
    reach(page, "^Filter")
    page.keyboard.press("Enter")
    reach(page, "^practice$")
    with page.expect_response(re.compile(r"\?.*kind=practice")):
        page.keyboard.press("Space")
    page.wait_for_url(re.compile("kind=practice"))
    # The answer replaces the filters; they stay open under the reader's hands.
    expect(page.locator("input[name=kind][value=practice]")).to_be_focused()
    expect(page.locator("#found > .filters")).to_have_attribute("open", "")
