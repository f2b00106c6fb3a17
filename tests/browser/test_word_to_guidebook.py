"""From a Word file to a guidebook that members read, as the people of a working group would go about it.

The story changes content, so it has a hub of its own: a copy of what the other tests of this folder read.
"""

from __future__ import annotations

import io
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, PHONE, ROOT, WIDE, Watch, server_of, sign_in
from tests.guidebooks.test_taking import check_epub

FILES = ROOT / "demo/files/word"
FIRST = FILES / "when-somebody-calls.docx"
SECOND = FILES / "edition-2/when-somebody-calls.docx"
TITLE = "When somebody calls"
GROUP = "Family and community"
SAYING = "Silence is not a mistake"  # words of the file that stand nowhere else in the hub

At = Callable[..., Page]


@pytest.fixture(scope="module")
def own_hub(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with a copy of the content, which a test may change."""
    there, own = Path(environment["HUB_VAR"]), tmp_path_factory.mktemp("own") / "var"
    shutil.copytree(there, own, ignore=shutil.ignore_patterns("*.sqlite3*"))
    with sqlite3.connect(there / "hub.sqlite3") as source, sqlite3.connect(own / "hub.sqlite3") as target:
        source.backup(target)
    with server_of({**environment, "HUB_VAR": str(own)}, tmp_path_factory.mktemp("server") / "log") as address:
        yield address


@pytest.fixture
def at(browser: Browser, own_hub: str) -> Iterator[At]:
    """Open the hub as a person: ``at("lead")``. Each has one window, and all of them keep a clean console."""
    windows: dict[tuple[str, bool], Page] = {}
    watch = Watch(own_hub)

    def window(person: str, *, phone: bool = False) -> Page:
        if (person, phone) not in windows:
            context = browser.new_context(
                base_url=own_hub, viewport=PHONE if phone else WIDE, reduced_motion="reduce", accept_downloads=True
            )
            context.set_default_timeout(PATIENCE * 1000)
            page = context.new_page()
            sign_in(page, person)
            watch.follow(page)
            windows[person, phone] = page
        return windows[person, phone]

    yield window
    for page in windows.values():
        page.context.close()
    assert watch.wrong == []


def send_file(page: Page, file: Path) -> None:
    """Choose a file, and wait until it is read."""
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Send the file").click()
    expect(page.get_by_role("heading", name="What it becomes")).to_be_visible()


def press(page: Page, name: str) -> None:
    """Press a button of the editor; in its menu, where it does not stand in front."""
    button = page.get_by_role("button", name=name)
    if not button.is_visible():
        page.get_by_role("button", name="More actions").click()
    button.click()


def put_in_order(page: Page, chapters: str) -> None:
    """Put the first chapter in the second place and back, with the keyboard alone."""
    titles = page.locator("tbody tr .title-wrapper")
    page.goto(chapters)
    first, second, *rest = [title.strip() for title in titles.all_inner_texts()]
    for key, order in (("ArrowDown", [second, first, *rest]), ("ArrowUp", [first, second, *rest])):
        handle = page.locator("tr", has_text=first).get_by_role("button", name="Drag")
        handle.focus()
        handle.press(key)
        handle.press("Enter")
        expect(page.get_by_text("has been moved successfully")).to_be_visible()
        page.goto(chapters)
        assert [title.strip() for title in titles.all_inner_texts()] == order


def send_to_review(page: Page, book: str) -> None:
    """Open a book in the editor, go through the list of checks, and send all of it."""
    page.goto(book)
    press(page, "Send to review…")
    expect(page.get_by_role("heading", name="Send to review", level=1)).to_be_visible()
    assert page.get_by_text("Not yet:").count() == 0, page.locator("form").inner_text()
    page.get_by_label(re.compile("I have read who")).check()
    page.get_by_label(re.compile("Nobody is named")).check()
    page.locator("form").get_by_role("button", name="Send to review").click()
    page.wait_for_url(re.compile(r"/admin/reviews/\d+/"))


def approve(page: Page, review: str) -> None:
    """Read a review and say yes."""
    page.goto(review)
    page.get_by_role("button", name="I have read it: approve").click()
    expect(page.get_by_text("live now")).to_be_visible()


def found_by(page: Page, words: str) -> str:
    """What the search page shows for these words."""
    page.goto(f"/search/?q={words}")
    return page.locator("main").inner_text()


def downloaded(page: Page, name: re.Pattern[str]) -> bytes:
    """A file behind a link of the page."""
    link = page.get_by_role("link", name=name).get_attribute("href")
    assert link is not None
    answer = page.context.request.get(link)
    assert answer.ok, answer.status
    return answer.body()


def test_from_a_word_file_to_a_guidebook_and_its_second_edition(at: At) -> None:
    lead = at("lead")

    # The lead brings the file. What it becomes is shown before anything is made.
    lead.goto("/admin/")
    lead.get_by_role("link", name="Import a guidebook").first.click()
    places = lead.get_by_label("Where it goes")
    expect(places).to_be_visible()
    place = next(words for words in places.locator("option").all_text_contents() if GROUP in words)
    places.select_option(label=place.strip())
    lead.get_by_label("The working group", exact=True).check()
    send_file(lead, FIRST)
    counts = lead.locator(".uploads__counts tbody tr")
    rows = {row.locator("th").inner_text().lower(): row.locator("td").all_inner_texts() for row in counts.all()}
    for kind in ("tables", "pictures", "notes"):
        name = next(name for name in rows if kind.rstrip("s") in name)
        before, after, lost = rows[name]
        assert (before, lost) == (after, "0"), rows
        assert before != "0", rows
    words = "A staircase from worry to safety plan, with the coordinator on the second step."
    lead.locator(".uploads__pictures").get_by_role("textbox").first.fill(words)
    lead.get_by_role("button", name="Make the draft").click()
    expect(lead.get_by_role("heading", name=TITLE)).to_be_visible()
    book_id = re.search(r"/admin/pages/(\d+)/", lead.url)[1]  # type: ignore[index]
    book = f"/admin/pages/{book_id}/edit/"

    # What the checks ask for: a summary, topics, a day to look at it again.
    lead.goto(book)
    lead.get_by_role("textbox", name="Summary").fill("For the hour in which you talk with somebody who is worried.")
    lead.get_by_role("tab", name="Subject and files").click()
    lead.get_by_role("checkbox", name="Families and communities").check()
    lead.get_by_role("tab", name="Readers and dates").click()
    lead.locator("[name=review_by]").fill("2099-05-01")
    press(lead, "Save draft")
    lead.wait_for_load_state("networkidle")
    put_in_order(lead, f"/admin/pages/{book_id}/")
    send_to_review(lead, book)
    review = lead.url

    # Neither the author of the group nor the lead who wrote it can put it live; the other lead can.
    author = at("author")
    author.goto(review)
    expect(author.get_by_role("button", name="I have read it: approve")).to_have_count(0)
    lead.goto(review)
    expect(lead.get_by_role("button", name="I have read it: approve")).to_have_count(0)
    assert SAYING not in found_by(at("groupmember"), SAYING)
    approve(at("colead"), review)

    # A member of the group finds it at once, and reads it on a phone.
    member = at("groupmember", phone=True)
    assert "The first five minutes" in found_by(member, SAYING)
    member.get_by_role("link", name=re.compile("The first five minutes")).first.click()
    expect(member.get_by_role("heading", name="The first five minutes", level=1)).to_be_visible()
    assert member.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(member.get_by_text("Our own count of 212 first calls")).to_be_visible()
    chapter = member.url

    # Nobody else does, anywhere.
    other = at("otherlead")
    assert SAYING not in found_by(other, SAYING)
    for address in (chapter, "/admin/", "/admin/pages/", f"/admin/pages/{book_id}/", book, review, "/groups/"):
        other.goto(address)
        assert TITLE not in other.content(), address

    # A note for oneself, and that it was read.
    member.goto(chapter)
    member.get_by_role("link", name="Notes and bookmarks on this chapter").click()
    member.locator("#places a").nth(1).press("Enter")
    member.get_by_label("Your note").fill("Practise this with the new ones")
    member.get_by_role("button", name="Keep").click()
    expect(member.get_by_role("main")).to_contain_text("Practise this with the new ones")
    member.goto(chapter)
    member.get_by_role("button", name="I have read this").click()

    # To take away: an EPUB that holds together, and a PDF with its headings and fonts inside.
    member.goto(chapter.rsplit("/", 2)[0] + "/")
    files = check_epub(downloaded(member, re.compile("EPUB")))
    assert any(SAYING.encode() in text for text in files.values())
    with pypdfium2.PdfDocument(io.BytesIO(downloaded(member, re.compile("PDF")))) as document:
        text = " ".join(page.get_textpage().get_text_range() for page in document)
        outline = [entry.get_title() for entry in document.get_toc()]
        assert len(document) >= 4
    assert SAYING in " ".join(text.split())
    assert "What kind of call is it?" in " ".join(outline)

    # One paragraph changes in Word. The hub sees one change, and the member one deletion and one insertion.
    lead.goto(f"/admin/guidebooks/uploads/again/{book_id}/")
    send_file(lead, SECOND)
    changed = [text for text in lead.locator(".uploads__summary").all_inner_texts() if "Nothing changes" not in text]
    assert len(changed) == 1, changed
    assert "1 changed, 0 new, 0 gone" in changed[0]
    lead.get_by_role("button", name="Make the draft").click()
    lead.wait_for_load_state("networkidle")
    send_to_review(lead, book)
    approve(at("colead"), lead.url)
    member.goto(chapter)
    expect(member.get_by_text("the fourth ring")).to_have_count(0)
    member.get_by_role("link", name=re.compile("Show the changes|Show what changed", re.I)).first.click()
    expect(member.locator("main del")).to_have_count(1)
    expect(member.locator("main ins")).to_have_count(1)
    expect(member.locator("main del")).to_contain_text("fourth")
    expect(member.locator("main ins")).to_contain_text("third")
    expect(member.get_by_text("Practise this with the new ones")).to_be_visible()
