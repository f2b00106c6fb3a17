"""A new version of a file meets pages that people have worked on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from wagtail.models import Comment

from core import lines
from core.imported import ImportProblem
from guidebooks.folder import Folder
from guidebooks.former import Choices, raw
from guidebooks.importing import import_manuscript
from guidebooks.models import ChapterPage, GuidebookIndexPage, GuidebookPage, Origin
from guidebooks.renewing import merged
from guidebooks.reports import Report
from members.models import User

BEFORE = "01-before.md"


@pytest.fixture
def folder(first_steps: Path, tmp_path: Path) -> Path:
    """A copy of the fixture that a test may change."""
    return Path(shutil.copytree(first_steps, tmp_path / "first-steps"))


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("editor@example.org", "a-password-for-tests", display_name="An editor")


@pytest.fixture
def book(section: GuidebookIndexPage, folder: Path) -> GuidebookPage:
    """A guidebook that was imported and is live."""
    made = import_manuscript(Folder.read(folder, "en"), section, root=folder.name).guidebook
    assert made is not None
    return made


def again(folder: Path, book: GuidebookPage, **more: Any) -> Report:
    parent = GuidebookIndexPage.objects.get(locale=book.locale)
    more.setdefault("choices", Choices())
    return import_manuscript(Folder.read(folder, "en"), parent, onto=book, root=folder.name, **more)


def chapter(book: GuidebookPage, path: str) -> ChapterPage:
    return ChapterPage.objects.filter(lines.subtree(book.path, inclusive=False)).get(imported_from=path)


def draft(page: ChapterPage) -> Any:
    return ChapterPage.objects.get(pk=page.pk).get_latest_revision_as_object()


def edit(folder: Path, path: str, old: str, new: str) -> None:
    text = (folder / path).read_text()
    assert old in text
    (folder / path).write_text(text.replace(old, new))


def said(page: Any) -> str:
    return " ".join(str(block["value"]) for block in raw(page))


def by_hand(page: ChapterPage, old: str, new: str) -> ChapterPage:
    """Somebody edits a live page: as the editor does it, a revision that is published."""
    page = draft(page)
    blocks = raw(page)
    at = next(n for n, block in enumerate(blocks) if old in str(block["value"]))
    blocks[at] = {**blocks[at], "value": blocks[at]["value"].replace(old, new)}
    page.body = blocks
    page.save_revision().publish()
    return page


def test_one_changed_paragraph_changes_one_block_of_a_draft(book, folder, user):
    page = chapter(book, BEFORE)
    was = {block["id"]: block["value"] for block in raw(page)}
    text = (folder / BEFORE).read_text()
    changed = next(line for line in text.split("\n\n") if len(line) > 30 and line[0].isalpha())
    edit(folder, BEFORE, changed, f"{changed} And one sentence more.")
    report = again(folder, book, user=user)
    assert (report.created, report.updated, report.unchanged) == (0, 1, 5)
    now = {block["id"]: block["value"] for block in raw(draft(page))}
    assert list(now) == list(was)
    assert [number for number in now if now[number] != was[number]] == [
        change.id for told in report.chapters for change in told.changes if change.how == "changed"
    ]
    assert sum(now[number] != was[number] for number in now) == 1
    live = ChapterPage.objects.get(pk=page.pk)
    assert {block["id"]: block["value"] for block in raw(live)} == was
    assert live.live
    assert live.has_unpublished_changes


def test_the_same_file_again_changes_nothing(book, folder, user):
    revisions = chapter(book, BEFORE).revisions.count()
    report = again(folder, book, user=user)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 6)
    assert chapter(book, BEFORE).revisions.count() == revisions


def test_a_comment_and_the_versions_in_other_languages_survive(book, folder, user):
    page = chapter(book, BEFORE)
    key = page.translation_key
    number = raw(page)[0]["id"]
    Comment.objects.create(page=page, user=user, text="Is this so?", contentpath=f"body.{number}", position="")
    edit(folder, BEFORE, "\n## ", "\nA new paragraph in the middle of it all.\n\n## ")
    again(folder, book, user=user)
    assert chapter(book, BEFORE).translation_key == key
    assert Comment.objects.get().contentpath == f"body.{number}"
    assert number in [block["id"] for block in raw(draft(page))]


def test_what_was_changed_here_alone_stays(book, folder, user):
    page = chapter(book, "10-last.md")
    words = str(raw(page)[0]["value"])
    mine = words.replace("</p>", " Written here.</p>")
    by_hand(page, words, mine)
    edit(folder, BEFORE, "\n## ", "\nMore.\n\n## ")
    report = again(folder, book, user=user)
    assert report.updated == 1
    assert "Written here" in said(draft(page))


def test_what_both_changed_is_asked_and_stays_until_somebody_chooses(book, folder, user):
    page = chapter(book, "10-last.md")
    words = str(raw(page)[0]["value"])
    by_hand(page, "</p>", " Written here.</p>")
    path = folder / "10-last.md"
    path.write_text(path.read_text().rstrip() + " Written in the file.\n")
    report = again(folder, book, user=user, dry_run=True)
    conflicts = [change for told in report.chapters for change in told.changes if change.how == "conflict"]
    assert len(conflicts) == 1
    assert "Written here" in conflicts[0].here
    assert "Written in the file" in conflicts[0].there
    again(folder, book, user=user)
    assert "Written here" in said(draft(page))
    assert "Written in the file" not in said(draft(page))
    path.write_text(path.read_text().rstrip() + " Twice.\n")
    again(folder, book, user=user, choices=Choices(keep={conflicts[0].id: "file"}))
    assert "Written in the file. Twice" in said(draft(page))
    assert words not in said(draft(page))


def test_a_chapter_that_was_renamed_in_the_file_is_the_same_page(book, folder, user):
    page = chapter(book, BEFORE)
    (folder / BEFORE).rename(folder / "01-before-you-start.md")
    report = again(folder, book, user=user)
    assert report.created == 0
    assert report.gone == []
    assert ChapterPage.objects.get(pk=page.pk).imported_from == "01-before-you-start.md"


def test_a_chapter_that_is_new_is_a_draft_and_one_that_is_gone_stays(book, folder, user, client):
    (folder / "10-last.md").unlink()
    (folder / "03-more.md").write_text("# Something else altogether\n\nAbout budgets, rooms and keys.\n")
    report = again(folder, book, user=user)
    assert report.created == 1
    assert report.gone == ["10-last.md"]
    made = chapter(book, "03-more.md")
    assert not made.live
    assert chapter(book, "10-last.md").live


def test_words_for_a_picture_given_here_survive_and_are_not_asked_for_again(section, folder, user):
    (folder / "10-last.md").write_text("# Last\n\n![](pictures/circle.png)\n\nWords.\n")
    parent = section
    first = import_manuscript(Folder.read(folder, "en"), parent, publish=False, choices=Choices(), user=user)
    assert [told.asked for told in first.chapters if told.path == "10-last.md"] == [[]]  # told by a look only
    book = first.guidebook
    assert book is not None
    page = chapter(book, "10-last.md")
    figure = next(block for block in raw(page) if block["type"] == "figure")
    assert (figure["value"]["alt"], figure["value"]["decorative"]) == ("", False)
    look = again(folder, book, user=user, dry_run=True)
    assert [told.asked for told in look.chapters if told.path == "10-last.md"] == [["pictures/circle.png"]]
    again(folder, book, user=user, choices=Choices(alts={"10-last.md|pictures/circle.png": "A circle"}))
    assert next(b for b in raw(draft(page)) if b["type"] == "figure")["value"]["alt"] == "A circle"
    edit(folder, "10-last.md", "Words.", "Other words.")
    look = again(folder, book, user=user, dry_run=True)
    assert [told.asked for told in look.chapters if told.path == "10-last.md"] == [[]]
    again(folder, book, user=user)
    assert next(b for b in raw(draft(page)) if b["type"] == "figure")["value"]["alt"] == "A circle"
    assert "Other words" in said(draft(page))


def test_a_page_in_review_or_locked_is_left_in_peace(book, folder, user):
    page = chapter(book, "10-last.md")
    page.locked = True
    page.save()
    (folder / BEFORE).write_text("# Before you go\n\nNew.\n")
    assert again(folder, book, user=user).locked == []  # what does not change may be locked
    (folder / "10-last.md").write_text("# Last\n\nNew.\n")
    before = Origin.objects.get(page=page).blocks
    with pytest.raises(ImportProblem, match="“Last” is in review or locked"):
        again(folder, book, user=user)
    assert Origin.objects.get(page=page).blocks == before


def paragraph(number: str, text: str) -> dict[str, Any]:
    return {"type": "paragraph", "value": f"<p>{text}</p>", "id": number}


A, B, C = paragraph("a", "First"), paragraph("b", "Second"), paragraph("c", "Third")


def test_what_was_written_here_keeps_its_place():
    own = paragraph("own", "Ours")
    result = merged([A, B], [A, own, B], [A, B, C])
    assert [block["id"] for block in result.blocks] == ["a", "own", "b", "c"]
    assert [(change.id, change.how) for change in result.changes] == [("c", "new")]


def test_what_was_removed_here_stays_removed():
    assert [block["id"] for block in merged([A, B, C], [A, C], [A, B, C]).blocks] == ["a", "c"]


def test_what_is_gone_from_the_file_goes_unless_it_was_changed_here():
    gone = merged([A, B], [A, B], [A])
    assert [block["id"] for block in gone.blocks] == ["a"]
    kept = merged([A, B], [A, paragraph("b", "Second, better")], [A])
    assert [block["id"] for block in kept.blocks] == ["a", "b"]
    assert [change.how for change in kept.changes] == ["conflict"]
    taken = merged([A, B], [A, paragraph("b", "Second, better")], [A], {"b": "file"})
    assert [block["id"] for block in taken.blocks] == ["a"]


def test_what_was_copied_here_from_the_new_file_is_no_second_block():
    result = merged([A], [A, paragraph("own", "Second")], [A, B])
    assert [block["id"] for block in result.blocks] == ["a", "own"]


def test_a_caption_of_the_file_and_words_for_a_picture_of_ours_go_together():
    value = {"image": 1, "alt": "", "decorative": False, "caption": "<p>Old</p>", "credit": ""}
    figure = {"type": "figure", "value": value, "id": "f"}
    here = {**figure, "value": {**value, "alt": "A house"}}
    there = {**figure, "value": {**value, "caption": "<p>New</p>"}}
    result = merged([figure], [here], [there])
    assert (result.blocks[0]["value"]["alt"], result.blocks[0]["value"]["caption"]) == ("A house", "<p>New</p>")
    assert [change.how for change in result.changes] == ["changed"]


def test_of_a_page_nobody_remembers_every_difference_is_asked_about():
    result = merged(None, [A, B], [A, paragraph("b", "Other")])
    assert [(change.id, change.how) for change in result.changes] == [("b", "conflict")]


def test_what_the_file_moved_moves_and_what_was_moved_here_stays():
    result = merged([A, B, C], [A, B, C], [C, A, B])
    assert ([block["id"] for block in result.blocks], result.moved, result.is_news) == (["c", "a", "b"], True, True)
    result = merged([A, B, C], [C, A, B], [A, B, C, paragraph("d", "Fourth")])
    assert [block["id"] for block in result.blocks] == ["c", "d", "a", "b"]
    assert not result.moved
