"""A folder of Markdown files becomes a guidebook, whole or not at all."""

from __future__ import annotations

import json
import re
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from core import lines
from core.blocks import TEXT
from core.imported import ImportProblem
from core.models import HubImage, HubPage
from guidebooks import importing
from guidebooks.importing import Report, import_folder
from guidebooks.models import ChapterPage, GuidebookIndexPage, GuidebookPage
from tests.guidebooks.conftest import FIXTURES


def chapters_of(report: Report) -> dict[str, ChapterPage]:
    book = report.guidebook
    assert book is not None
    below = ChapterPage.objects.filter(lines.subtree(book.path, inclusive=False))
    return {chapter.imported_from: chapter for chapter in below.order_by("path")}


def said(page: HubPage) -> str:
    """All that a body holds, as text to look into."""
    return json.dumps(list(page.body.raw_data), ensure_ascii=False).replace('\\"', '"')


@pytest.fixture
def folder(first_steps: Path, tmp_path: Path) -> Path:
    """A copy of the fixture that a test may change."""
    return Path(shutil.copytree(first_steps, tmp_path / "first-steps"))


def test_files_become_chapters_in_the_order_of_their_names(section: Any, first_steps: Path) -> None:
    report = import_folder(first_steps, section)
    book = report.guidebook
    assert book is not None
    assert (book.title, book.slug, book.edition, book.setting) == (
        "First steps", "first-steps", "Edition 1", ["prison"],
    )  # fmt: skip
    assert [(path, page.title, page.slug) for path, page in chapters_of(report).items()] == [
        ("01-before.md", "Before you go", "before"),
        ("02-during.md", "During", "during"),
        ("02-during/01-listen.md", "Listen", "listen"),
        ("02-during/02-after.md", "After", "after"),
        ("10-last.md", "Last", "last"),
    ]
    assert report.created == 6
    assert report.agrees


def test_all_that_is_in_the_files_is_in_the_pages_and_what_is_missing_is_told(section: Any, first_steps: Path) -> None:
    report = import_folder(first_steps, section)
    after, lost = report.total("after"), report.total("lost")
    assert (after["tables"], after["footnotes"], after["checklist items"]) == (1, 1, 2)
    assert (after["images"], lost["images"]) == (2, 1)
    assert (after["links"], lost["links"]) == (7, 1)
    remarks = "\n".join(report.lines())
    assert "01-before.md: picture missing: pictures/none.png" in remarks
    assert "01-before.md: link to nowhere kept as text: gone.md" in remarks


def test_links_between_files_become_links_between_pages(section: Any, first_steps: Path) -> None:
    report = import_folder(first_steps, section)
    pages = chapters_of(report)
    before, during, after = (pages[path] for path in ("01-before.md", "02-during.md", "02-during/02-after.md"))
    assert report.guidebook is not None
    assert f'linktype="page" id="{before.pk}" anchor="ask-first"' in said(report.guidebook)
    assert f'linktype="page" id="{during.pk}"' in said(before)
    assert f'linktype="page" id="{after.pk}" anchor="what-stays"' in said(before)
    assert "to nothing." in said(before)
    assert f'linktype="page" id="{before.pk}"' in said(during)
    assert 'linktype="clause" id="S2.4"' in said(during)


def test_links_that_lead_out_of_the_folder_are_asked_for(section: Any, folder: Path) -> None:
    asked = []

    def link(address: str) -> str | None:
        asked.append(address)
        return "https://example.org/there" if address == "gone.md" else None

    report = import_folder(folder, section, link=link)
    assert set(asked) == {"gone.md", "clause:S2.4"}
    assert 'href="https://example.org/there"' in said(chapters_of(report)["01-before.md"])
    (folder / "01-before.md").write_text("[out](/elsewhere/) [beside](../other/#x)")
    report = import_folder(folder, section, site="https://books.example/")
    body = said(chapters_of(report)["01-before.md"])
    assert 'href="https://books.example/elsewhere/"' in body
    assert 'href="https://books.example/other/#x"' in body


def test_one_picture_is_stored_once_for_each_sort_of_readers(section: Any, first_steps: Path) -> None:
    import_folder(first_steps, section)
    assert sorted(HubImage.objects.values_list("audience", flat=True)) == ["public"]
    listen = ChapterPage.objects.get(slug="listen")
    assert listen.audience == "public"
    assert listen.access_key == "members"  # its chapter is for members


def test_the_same_folder_twice_makes_nothing_new(section: Any, first_steps: Path) -> None:
    import_folder(first_steps, section)
    pages, pictures = HubPage.objects.count(), HubImage.objects.count()
    again = import_folder(first_steps, section)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 6)
    assert (HubPage.objects.count(), HubImage.objects.count()) == (pages, pictures)


def test_a_changed_file_changes_its_page_and_keeps_what_did_not_change(section: Any, folder: Path) -> None:
    first = import_folder(folder, section)
    before = {b["id"] for b in chapters_of(first)["01-before.md"].body.raw_data}
    text = (folder / "01-before.md").read_text()
    (folder / "01-before.md").write_text(text.replace("## Ask first", "New words.\n\n## Ask first"))
    (folder / "03-more.md").write_text("# More\n\nMore.")
    again = import_folder(folder, section)
    assert (again.created, again.updated, again.unchanged) == (1, 1, 5)
    page = chapters_of(again)["01-before.md"]
    after = {b["id"] for b in page.body.raw_data}
    assert len(after - before) == 1
    assert before <= after
    assert page.live
    assert page.latest_revision is not None
    third = import_folder(folder, section)
    assert (third.created, third.updated, third.unchanged) == (0, 0, 7)


def test_a_page_that_was_edited_here_is_left_alone(section: Any, folder: Path) -> None:
    page = chapters_of(import_folder(folder, section))["10-last.md"]
    page.body = [{"type": "paragraph", "value": "<p>Edited here.</p>"}]
    page.save()
    (folder / "10-last.md").write_text("Changed there.")
    report = import_folder(folder, section)
    assert report.left == ["10-last.md"]
    assert "Edited here" in said(ChapterPage.objects.get(pk=page.pk))


def test_a_file_that_is_gone_is_told_and_its_page_stays(section: Any, folder: Path) -> None:
    import_folder(folder, section)
    (folder / "10-last.md").unlink()
    report = import_folder(folder, section)
    assert report.gone == ["10-last.md"]
    assert ChapterPage.objects.filter(slug="last").exists()


def test_a_table_of_contents_says_order_nesting_and_titles(section: Any) -> None:
    report = import_folder(FIXTURES / "toc", section, title="By table")
    pages = chapters_of(report)
    assert [page.title for page in pages.values()] == ["B", "Second", "First", "Called in the table", "Extra"]
    assert pages["parts/first.md"].get_parent().pk == pages["b.md"].pk
    assert f'linktype="page" id="{pages["parts/first.md"].pk}"' in said(pages["b.md"])
    assert said(pages["b.md"]).count(">First</a>") == 1  # A reference without words takes the heading's.
    remarks = "\n".join(report.lines())
    assert "names “not-there”" in remarks
    assert "extra.md: is not in the table of contents" in remarks


def test_translations_are_matched_by_the_paths_of_their_files(section: Any, first_steps: Path, home: Any) -> None:
    english = import_folder(first_steps, section)
    german_section = GuidebookIndexPage.objects.get(locale__language_code="de")
    german = import_folder(FIXTURES / "first-steps.de", german_section, translation_of=english.guidebook)
    assert german.guidebook is not None
    assert english.guidebook is not None
    assert german.guidebook.slug == "first-steps"
    assert german.guidebook.translation_key == english.guidebook.translation_key
    assert chapters_of(german)["01-before.md"].translation_key == chapters_of(english)["01-before.md"].translation_key


def test_slugs_that_collide_get_a_number(section: Any, folder: Path) -> None:
    (folder / "03-Before.md").write_text("# Another before")
    report = import_folder(folder, section)
    assert chapters_of(report)["03-Before.md"].slug == "before-2"
    other = shutil.copytree(folder, folder.parent / "other" / "first-steps")
    (other / "index.md").write_text((other / "index.md").read_text())
    GuidebookPage.objects.filter(imported_from="first-steps").update(imported_from="somewhere-else")
    assert import_folder(other, section).guidebook.slug == "first-steps-2"  # type: ignore[union-attr]


def test_a_folder_without_a_file_of_its_own_becomes_a_chapter_of_parts(section: Any, folder: Path) -> None:
    (folder / "tools").mkdir()
    (folder / "tools" / "a-list.md").write_text("# A list")
    report = import_folder(folder, section)
    pages = chapters_of(report)
    assert pages["tools/"].title == "Tools"
    assert pages["tools/a-list.md"].get_parent().pk == pages["tools/"].pk


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("03-bad.md", b"# Fine\n\nText\xff\xfe", "03-bad.md: line 3: is not UTF-8 text"),
        ("03-bad.md", b"---\ntitle: [\n---\n", "03-bad.md: line"),
        ("03-bad.md", b"---\ntitle: A\n", "03-bad.md: line 1: the front matter is opened"),
        ("03-bad.md", b"x" * (5 * 1024 * 1024 + 1), "03-bad.md: has 5,242,881 bytes; at most 5,242,880"),
        ("03-bad.md", b"---\naudience: everybody\n---\n", "03-bad.md: audience: unknown: everybody"),
        ("03-bad.md", b"---\naudience: group\n---\n", "03-bad.md: working_group:"),
        ("03-bad.md", b"---\ntopics: [no-such-topic]\n---\n", "not in the vocabulary: no-such-topic"),
        ("03-bad.md", b"---\nreview_by: soon\n---\n", "03-bad.md: review_by: expected a date"),
        ("index.md", b"---\nsetting: [moon]\n---\n", "index.md: setting: unknown: moon"),
        ("index.md", b"---\nworking_group: none-such\n---\n", "no such working group: none-such"),
        ("_toc.yml", b"- file: [", "_toc.yml: line"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_saved(
    section: Any, folder: Path, name: str, data: bytes, words: str
) -> None:
    (folder / name).write_bytes(data)
    before = HubPage.objects.count(), HubImage.objects.count()
    with pytest.raises(ImportProblem) as problem:
        import_folder(folder, section)
    assert words in str(problem.value)
    assert (HubPage.objects.count(), HubImage.objects.count()) == before


def test_a_chapter_wider_than_its_book_is_refused(section: Any, folder: Path) -> None:
    text = (folder / "index.md").read_text().replace("audience: public", "audience: full")
    (folder / "index.md").write_text(text)
    with pytest.raises(ImportProblem, match=r"02-during\.md: audience"):
        import_folder(folder, section)


def test_a_failure_on_the_way_leaves_neither_rows_nor_files(
    section: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    real = importing.make_renditions

    def fail(body: Any) -> None:
        made.extend(HubImage.objects.values_list("file", flat=True))
        if made:
            raise OSError("the disk is full")
        real(body)

    monkeypatch.setattr(importing, "make_renditions", fail)
    before = HubPage.objects.count()
    with pytest.raises(OSError, match="disk is full"):
        import_folder(folder, section)
    assert HubPage.objects.count() == before
    storage = HubImage._meta.get_field("file").storage
    assert made
    assert not any(storage.exists(name) for name in made)


def test_links_and_pictures_cannot_lead_to_files_of_the_machine(section: Any, folder: Path) -> None:
    outside = folder.parent / "secret.png"
    shutil.copy(folder / "pictures" / "circle.png", outside)
    (folder / "10-last.md").write_text("![x](../secret.png)\n\n[y](../../etc/passwd)\n\n[z](file:///etc/passwd)")
    (folder / "link.md").symlink_to("/etc/hostname")
    with pytest.raises(ImportProblem, match=r"link\.md: leads out of the folder"):
        import_folder(folder, section)
    (folder / "link.md").unlink()
    report = import_folder(folder, section)
    last = next(chapter for chapter in report.chapters if chapter.path == "10-last.md")
    assert last.lost["images"] == 1
    assert last.lost["links"] == 1
    assert 'href="file' not in said(chapters_of(report)["10-last.md"])


def test_drawings_are_taken_without_what_could_run(section: Any, folder: Path, client: Any) -> None:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60"><script>alert(1)</script>'
        '<circle r="9" onclick="alert(1)"/></svg>'
    )
    (folder / "pictures" / "plan.svg").write_text(drawing)
    (folder / "pictures" / "bad.svg").write_text("<html>")
    (folder / "10-last.md").write_text("![A plan](pictures/plan.svg)\n\n![Bad](pictures/bad.svg)")
    report = import_folder(folder, section)
    assert any("not taken" in line and "bad.svg" in line for line in report.lines())
    html = client.get(chapters_of(report)["10-last.md"].url).content.decode()
    address = re.search(r'<img src="([^"]+)"', html)
    assert address is not None
    answer = client.get(address[1])
    body = b"".join(answer.streaming_content).decode()
    assert answer["Content-Type"] == "image/svg+xml"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "circle" in body
    assert "alert" not in body


def test_what_was_imported_survives_the_editor(section: Any, first_steps: Path) -> None:
    import_folder(first_steps, section)
    editor = ContentstateConverter(features=TEXT)
    texts = [
        block["value"]
        for page in [*GuidebookPage.objects.all(), *ChapterPage.objects.all()]
        for block in page.body.raw_data
        if block["type"] == "paragraph"
    ]
    assert len(texts) > 5
    for text in texts:
        again = editor.to_database_format(editor.from_database_format(text))
        assert re.sub(r"<[^>]*>|\s", "", again) == re.sub(r"<[^>]*>|\s", "", text)
        assert [again.count(tag) for tag in ("<a ", "<li", "anchor=")] == [
            text.count(tag) for tag in ("<a ", "<li", "anchor=")
        ]


def test_sentences_in_the_front_matter_are_not_lost(section: Any, folder: Path) -> None:
    (folder / "03-card.md").write_text(
        "---\ntitle: Card\ndescription: A card.\nnavigation: {key: card, order: 3}\n"
        "method: {title: Card, what: A card., why: 'To ground the work in what people really need to do.', "
        "timeRequired: 2 hours}\n---\n## How\n\nDo it.\n"
    )
    page = chapters_of(import_folder(folder, section))["03-card.md"]
    box = page.body.raw_data[0]
    assert (box["type"], box["value"]["title"]) == ("callout", "Method")
    assert [re.sub(r' data-block-key="\w+"', "", inner["value"]) for inner in box["value"]["body"]] == [
        "<p><b>Why:</b> To ground the work in what people really need to do.</p>",
        "<p><b>Time required:</b> 2 hours</p>",
    ]


def test_a_dry_run_counts_and_writes_nothing(section: Any, first_steps: Path) -> None:
    before = HubPage.objects.count(), HubImage.objects.count()
    report = import_folder(first_steps, section, dry_run=True)
    assert report.guidebook is None
    assert report.total("after")["images"] == 2
    assert (HubPage.objects.count(), HubImage.objects.count()) == before


def test_a_draft_is_seen_by_nobody(section: Any, first_steps: Path, client: Any) -> None:
    report = import_folder(first_steps, section, publish=False)
    book = report.guidebook
    assert book is not None
    assert not book.live
    assert client.get(book.url).status_code == 404


def test_the_command_tells_the_counts_and_where_the_book_is(section: Any, first_steps: Path) -> None:
    out = StringIO()
    call_command("import_guidebook", str(first_steps), "--publish", stdout=out)
    assert "tables: 1 in the files, 1 in the pages" in out.getvalue()
    assert "images: 3 in the files, 2 in the pages, 1 lost or missing" in out.getvalue()
    assert "First steps: /guidebooks/first-steps/" in out.getvalue()
    call_command("import_guidebook", str(first_steps), "--dry-run", stdout=out)
    assert "this was a dry run" in out.getvalue()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["/no/such/folder"], "no such folder"),
        (["{}", "--parent", "/nowhere/"], "there is no such page"),
        (["{}", "--parent", "/"], "a guidebook cannot stand there"),
        (["{}", "--working-group", "none"], "has no page in en"),
        (["{}", "--language", "xx"], "no guidebooks section"),
        (["{}", "--translation-of", "/guidebooks/"], "no such guidebook"),
    ],
)
def test_the_command_names_the_value_that_is_wrong(
    section: Any, first_steps: Path, options: list[str], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("import_guidebook", *[option.format(first_steps) for option in options])
