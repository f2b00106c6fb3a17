"""The import of resources: what a row becomes, what is refused and how it is said, and that nothing is half done."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import PageLogEntry

from core.audience import set_audience
from core.models import FileOfPage, HubDocument, HubImage, HubPage, Keyword
from groups.models import WorkingGroupIndexPage, WorkingGroupPage
from resources import importing
from resources.importing import Report, import_rows
from resources.models import Import, ImportedRow, ResourceIndexPage, ResourcePage
from resources.rows import LARGEST_FILE, Raw, UnreadableFile, read, rows_from_markdown
from resources.undoing import undo
from search.models import Change

Make = Callable[..., Any]
PDF = (Path(__file__).parents[2] / "demo" / "files" / "strain-check.pdf").read_bytes()
PICTURE = (Path(__file__).parents[2] / "demo" / "pictures" / "case-round.png").read_bytes()


@pytest.fixture
def folder(library: ResourceIndexPage, make_topic: Make, groups: dict[str, Any], tmp_path: Path) -> Path:
    """A folder to import from, with a file and a picture, in a hub that knows two topics and two groups."""
    make_topic("housing", name="Housing", name_de="Wohnen")
    make_topic("trauma", name="Trauma")
    place = tmp_path / "import"
    place.mkdir()
    (place / "sheet.pdf").write_bytes(PDF)
    (place / "round.png").write_bytes(PICTURE)
    return place


def jsonl(folder: Path, *rows: Any, name: str = "rows.jsonl") -> Path:
    """A file of JSON Lines."""
    path = folder / name
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def table(folder: Path, *rows: dict[str, str], name: str = "rows.csv", start: str = "", **how: Any) -> Path:
    """A CSV file."""
    text = io.StringIO()
    names = list(dict.fromkeys(column for row in rows for column in row))
    writer = csv.DictWriter(text, names, **how)
    writer.writeheader()
    writer.writerows(rows)
    path = folder / name
    path.write_text(start + text.getvalue(), encoding="utf-8", newline="")
    return path


def run(path: Path, **options: Any) -> tuple[Report, str]:
    """Import a file; the report, and its errors as one text."""
    report = import_rows(read(path).rows(), user=None, name=path.name, **options)
    return report, "\n".join(map(str, report.errors))


WHOLE = {
    "title": "A safe first address",
    "summary": "Where to sleep on the first night.",
    "body": "## What you do\n\nAsk **early**.\n\n- One\n- Two\n",
    "kind": "tool",
    "topics": "housing;trauma",
    "keywords": "hostel|first night",
    "audience": "full",
    "teaser": "yes",
    "language": "en",
    "working_group": "family-and-community",
    "files": "sheet.pdf",
    "setting": "prison;probation",
    "stage": "reintegration",
    "extremism": "any",
    "motivation": "leaving",
    "regions": "europe|africa",
    "evidence": "experience",
    "for_whom": "Probation workers.",
    "staff": "One.",
    "cost": "Little.",
    "risks": "Promising a room.",
    "published_on": "2025-03-04",
    "review_by": "2027-03-01",
}


@pytest.mark.parametrize("form", ["csv", "excel", "semicolon", "jsonl", "jsonl lists"])
def test_every_column_finds_its_place(form: str, folder: Path, groups: dict[str, Any]) -> None:
    if form == "jsonl":
        path = jsonl(folder, WHOLE)
    elif form == "jsonl lists":
        lists = ("topics", "keywords", "files", "setting", "regions")
        row = {**WHOLE, **{name: WHOLE[name].replace("|", ";").split(";") for name in lists}, "teaser": True}
        path = jsonl(folder, row)
    else:
        start = "\ufeff" if form == "excel" else ""
        path = table(folder, WHOLE, start=start, delimiter=";" if form == "semicolon" else ",")
    report, errors = run(path)
    assert not errors
    assert (report.made, report.already) == (1, 0)
    page = ResourcePage.objects.get()
    assert page.title == WHOLE["title"]
    assert page.summary == WHOLE["summary"]
    assert (page.audience, page.teaser, page.access_key) == ("full", True, "full")
    assert page.working_group == groups["family-and-community"]
    assert page.kind == page.resource_kind == "tool"
    assert {topic.slug for topic in page.topics.all()} == {"housing", "trauma"}
    assert {word.name for word in page.keywords.all()} == {"hostel", "first night"}
    assert page.setting == ["prison", "probation"]
    assert page.regions == ["africa", "europe"]
    assert (page.stage, page.extremism, page.motivation) == (["reintegration"], ["any"], ["leaving"])
    assert (page.evidence, page.for_whom, page.staff) == ("experience", "Probation workers.", "One.")
    assert (page.cost, page.risks) == ("Little.", "Promising a room.")
    assert page.published_on == datetime(2025, 3, 4, tzinfo=UTC)
    assert page.review_by == date(2027, 3, 1)
    assert [block.block_type for block in page.body] == ["heading", "paragraph", "paragraph"]
    assert page.live
    document = page.files.get().document
    assert (document.audience, document.access_key) == ("full", "full")
    assert document.title == "Sheet"
    assert document.file_size > 0


def test_a_row_that_says_little_is_for_members(folder: Path) -> None:
    run(jsonl(folder, {"title": "Only a title"}))
    page = ResourcePage.objects.get()
    assert (page.audience, page.access_key, page.teaser, page.kind) == ("members", "members", False, "practice")
    assert page.published_on is not None


def test_names_in_any_language_and_capitals_are_understood(folder: Path) -> None:
    row = {"title": "A", "kind": "Tool", "topics": "Wohnen; TRAUMA", "working_group": "Family and Community"}
    _report, errors = run(jsonl(folder, {**row, "audience": "Group full"}))
    assert not errors
    page = ResourcePage.objects.get()
    assert {topic.slug for topic in page.topics.all()} == {"housing", "trauma"}
    assert page.audience == "group_full"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": ""}, "title: is missing"),
        ({"title": "x" * 256}, "title: has 256 characters; at most 255 fit"),
        ({"summary": "x" * 501}, "summary: has 501 characters; at most 500 fit"),
        ({"kind": "practise"}, "kind: unknown: “practise”. Did you mean “practice”? Allowed: practice, tool, lesson"),
        ({"topics": "housing;housng"}, "topics: unknown: “housng”. Did you mean “housing”? Allowed: "),
        ({"topics": "quantum"}, "topics: unknown: “quantum”. Allowed: "),
        ({"working_group": "famly-and-community"}, "Did you mean “family-and-community”?"),
        ({"audience": "publik"}, "audience: unknown: “publik”. Did you mean “public”? Allowed: public, members, full"),
        ({"audience": "group", "working_group": ""}, "Choose the working group that may read this."),
        ({"audience": "public"}, "teaser: “yes”: Only pages for members or full members"),
        ({"teaser": "maybe"}, "teaser: expected true or false, found 'maybe'"),
        ({"language": "xx"}, "language: unknown: “xx”. Allowed: en, de, fr, ar"),
        ({"setting": "prison;moon"}, "setting: unknown: “moon”"),
        ({"evidence": "evaluatd"}, "evidence: unknown: “evaluatd”. Did you mean “evaluated”?"),
        ({"published_on": "4.3.2025"}, "published_on: expected a time such as 2026-05-31T14:00Z, found '4.3.2025'"),
        ({"review_by": "2025-02-30"}, "review_by: expected a date such as 2026-05-31, found '2025-02-30'"),
        ({"review_by": "2025-03-03"}, "review_by: The date to review it by is before the day it was published."),
        ({"files": "missing.pdf"}, "files: “missing.pdf” is not in the folder of the import"),
        ({"files": "/etc/passwd"}, "files: “/etc/passwd” is of a kind that is not taken. Allowed: pdf"),
        ({"files": "../../secret.pdf"}, "files: “../../secret.pdf” is not in the folder"),
        ({"keywords": "w" * 101}, "keywords: a keyword has at most 100 characters"),
        ({"kind": "lesson"}, "neighbour_field: A lesson from a neighbouring field says this."),
        ({"slug": "Not a slug!"}, "slug: “Not a slug!”: use small letters"),
        ({"translation_of": "nowhere", "language": "de"}, "translation_of: there is no resource “nowhere”"),
        ({"body": "x" * (1024 * 1024 + 1)}, "body: has 1,048,577 characters; at most 1,048,576 fit"),
        ({"body": "ä" * 600_000}, "body: has 1.1 MB; at most 1 MB are read"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_wrong_value_is_told_with_its_row_column_and_what_is_allowed(
    form: str, change: dict[str, str], said: str, folder: Path
) -> None:
    good = {**WHOLE, "files": ""}
    rows = [{**good, "title": "Before"}, {**good, **change}, {**good, "title": "After"}]
    report, errors = run(table(folder, *rows) if form == "csv" else jsonl(folder, *rows))
    wrong = "row 3" if form == "csv" else "row 2"
    assert [error.where for error in report.errors] == [wrong]
    assert f"{wrong}: " in errors
    assert said in errors
    assert set(ResourcePage.objects.values_list("title", flat=True)) == {"Before", "After"}
    assert (report.made, report.rows) == (2, 3)


def test_all_problems_of_a_row_are_told_at_once(folder: Path) -> None:
    _report, errors = run(jsonl(folder, {"title": "", "kind": "x", "topics": ["y"], "audience": "z", "review_by": "?"}))
    assert len(errors.splitlines()) == 5


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{broken", "row 2: is no JSON"),
        ("[1, 2]", "row 2: should be one object in braces"),
        ('"words"', "row 2: should be one object in braces"),
        ("null", "row 2: should be one object in braces"),
        ('{"title": ["a", "b"]}', "row 2: title: expected text"),
        ('{"title": {"a": 1}}', "row 2: title: expected text"),
        ('{"title": "half \\ud800 a character"}', "row 2: title: holds half a character"),
        ('{"title": "T", "topics": {"a": 1}}', "row 2: topics: expected a list of words"),
        ('{"title": "T", "topics": [["a"]]}', "row 2: topics: expected a list of words"),
        ('{"title": "T", "keywords": ["\\udc00"]}', "row 2: keywords: holds half a character"),
        ('{"title": "T", "topcis": "housing"}', "row 2: column “topcis” is not known. Did you mean “topics”?"),
        ("[" * 100_000, "row 2: is no JSON"),
        ('{"title": 1e999}', ""),
        ('{"title": "T", "published_on": 5}', "row 2: published_on: expected a time"),
    ],
)
def test_a_broken_line_is_left_out_and_the_others_come_in(line: str, said: str, folder: Path) -> None:
    report, errors = run(jsonl(folder, {"title": "Before"}, line, {"title": "After"}))
    assert said in errors
    assert ResourcePage.objects.filter(title__in=["Before", "After"]).count() == 2
    assert report.rows == 3


def test_a_null_character_becomes_a_sign_for_it(folder: Path) -> None:
    report, errors = run(jsonl(folder, {"title": "Before\x00After", "body": "a\x00b", "keywords": ["a\x00b"]}))
    assert (report.made, errors) == (1, "")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.txt", b"title\nA\n", "the name should end in one of"),
        ("rows.csv", b"", "is empty"),
        ("rows.csv", "title\nGespräch\n".encode("latin-1"), "line 2: byte 6 (0xe4) is not UTF-8"),
        ("rows.jsonl", b'{"title": "A"}\n{"title": "\xff"}', "line 2: byte 12 (0xff) is not UTF-8"),
        ("rows.csv", "title\nA\n".encode("utf-16"), "line 1: is UTF-16"),
        ("rows.jsonl", b'[{"title": "A"}]', "is one JSON list"),
        ("rows.csv", b"name,text\nA,B\n", "row 1 should name the columns, “title” among them; found: name, text"),
        ("rows.csv", b"title,topcis\nA,B\n", "row 1: column “topcis” is not known. Did you mean “topics”?"),
        ("rows.csv", b"title,title\nA,B\n", "row 1: these columns stand there twice: title"),
        ("rows.csv", b'title,summary\nA,"never closed\nB,C\n', "the quotes or line ends are broken"),
        ("rows.csv", b'title,summary\nA,"x"y\n', "the quotes or line ends are broken"),
    ],
)
def test_a_file_that_cannot_be_trusted_imports_nothing(name: str, content: bytes, said: str, folder: Path) -> None:
    path = folder / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as refused:
        read(path)
    assert said in str(refused.value)
    assert name in str(refused.value)
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_resources", str(path))
    assert not ResourcePage.objects.exists()


def test_a_missing_file_and_a_folder_are_refused(folder: Path) -> None:
    with pytest.raises(UnreadableFile, match="there is no such file"):
        read(folder / "nowhere.csv")
    (folder / "a.csv").mkdir()
    with pytest.raises(UnreadableFile, match="there is no such file"):
        read(folder / "a.csv")


def test_a_body_of_200_megabytes_is_refused_unread(folder: Path) -> None:
    path = folder / "large.jsonl"
    with path.open("wb") as file:
        file.write(b'{"title": "A", "body": "')
        file.truncate(200 * 1024 * 1024)  # sparse: nothing is written, and nothing may be read
    with pytest.raises(UnreadableFile, match="has 200 MB; at most 50 MB are read"):
        read(path)
    assert LARGEST_FILE == 50 * 1024 * 1024


def test_a_line_that_is_too_long_is_left_out_and_what_follows_comes_in(folder: Path) -> None:
    path = jsonl(folder, {"title": "A", "body": "x" * (8 * 1024 * 1024)}, {"title": "B"})
    report, errors = run(path)
    assert "row 1: is longer than 7 MB" in errors
    assert report.made == 1


def test_a_row_with_more_cells_than_columns_is_told(folder: Path) -> None:
    path = folder / "rows.csv"
    path.write_text("title,summary\nA,B,C\nD,E\n\n,\nF\n", encoding="utf-8")
    report, errors = run(path)
    assert "row 2: has 3 cells, and row 1 names 2 columns" in errors
    assert set(ResourcePage.objects.values_list("title", flat=True)) == {"D", "F"}
    assert report.rows == 3


def test_columns_nobody_knows_are_left_out_and_said(folder: Path) -> None:
    path = folder / "rows.csv"
    path.write_text("title,inventory number\nA,7\n", encoding="utf-8")
    assert read(path).remarks == ["column “inventory number” is not known and is left out"]
    assert run(path)[0].made == 1


def test_the_same_file_twice_makes_nothing_new(folder: Path) -> None:
    path = table(folder, WHOLE, {**WHOLE, "title": "Another", "files": ""})
    assert run(path)[0].made == 2
    report, errors = run(path)
    assert (report.made, report.already, errors) == (0, 2, "")
    assert report.import_id is None
    assert ResourcePage.objects.count() == 2
    assert Import.objects.count() == 1


def test_the_same_title_language_and_kind_is_the_same_thing(folder: Path) -> None:
    run(jsonl(folder, {"title": "A first talk", "body": "One."}))
    report, _errors = run(jsonl(folder, {"title": "  a  First TALK", "body": "Two."}))
    assert (report.made, report.already) == (0, 1)
    report, _errors = run(jsonl(folder, {"title": "A first talk", "kind": "research"}))
    assert report.made == 1


def test_two_rows_of_one_title_in_one_file_are_two_things_unless_they_are_equal(folder: Path) -> None:
    rows = [{"title": "Introduction", "body": "One."}, {"title": "Introduction", "body": "Two."}]
    report, _errors = run(jsonl(folder, *rows, rows[0]))
    assert (report.made, report.already) == (2, 1)
    assert run(jsonl(folder, *rows, rows[0]))[0].made == 0
    assert ResourcePage.objects.values("slug").distinct().count() == 2


def test_a_row_with_an_id_is_known_by_it(folder: Path) -> None:
    run(jsonl(folder, {"id": 7, "title": "Old name"}))
    report, _errors = run(jsonl(folder, {"id": "7", "title": "New name"}))
    assert (report.made, report.already) == (0, 1)


def test_a_row_may_be_imported_again_once_its_page_is_gone(folder: Path) -> None:
    path = jsonl(folder, {"title": "A"})
    run(path)
    ResourcePage.objects.get().delete()
    assert run(path)[0].made == 1


def test_a_dry_run_says_the_same_and_writes_nothing(folder: Path, django_assert_max_num_queries: Any) -> None:
    german = {**WHOLE, "title": "Auf Deutsch", "language": "de", "translation_of": "first", "slug": "first"}
    german["files"] = ""
    rows = [{**WHOLE, "slug": "first"}, german, {**WHOLE, "title": "B", "kind": "x"}, {"title": "C"}, {"title": "C"}]
    path = jsonl(folder, *rows)
    before = counts()
    with django_assert_max_num_queries(100) as asked:
        dry, errors = run(path, dry_run=True)
    written = [q["sql"] for q in asked.captured_queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert not written
    assert counts() == before
    real, real_errors = run(path)
    assert (dry.made, dry.already, errors) == (real.made, real.already, real_errors) == (3, 1, errors)


def counts() -> list[int]:
    """How many of everything there is that an import could make."""
    models = (HubPage, Keyword, HubDocument, HubImage, FileOfPage, Import, ImportedRow, Change)
    return [model.objects.count() for model in models]


def test_a_row_that_fails_while_it_is_saved_leaves_nothing_behind(folder: Path, settings: Any) -> None:
    (folder / "lying.pdf").write_bytes(b"MZ this is no PDF at all")
    before = counts()
    on_disk = sorted(Path(settings.MEDIA_ROOT).rglob("*"))
    row = {**WHOLE, "files": "sheet.pdf;lying.pdf", "body": "![Round](round.png)\n"}
    _report, errors = run(jsonl(folder, row))
    assert "files: “lying.pdf”:" in errors
    assert counts() == before
    left = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file() and path not in on_disk]
    assert left == []


def test_what_stops_an_import_in_the_middle_leaves_whole_batches(folder: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)

    def rows() -> Any:
        for number in range(5):
            if number == 3:
                raise KeyboardInterrupt
            yield Raw(f"row {number}", {"title": f"Row {number}"})

    with pytest.raises(KeyboardInterrupt):
        import_rows(rows(), user=None)
    assert set(ResourcePage.objects.values_list("title", flat=True)) == {"Row 0", "Row 1"}
    report, _errors = run(jsonl(folder, *({"title": f"Row {number}"} for number in range(5))))
    assert (report.made, report.already) == (3, 2)


def test_rows_of_a_group_stand_below_its_page_in_its_language(
    folder: Path, groups: dict[str, Any], library: ResourceIndexPage
) -> None:
    section = WorkingGroupIndexPage.objects.get(locale=library.locale)
    group = groups["family-and-community"]
    home = section.add_child(
        instance=WorkingGroupPage(title="Family and community", audience="public", working_group=group)
    )
    row = {"title": "A", "working_group": "family-and-community", "audience": "group", "slug": "a"}
    german = {**row, "title": "Ä", "language": "de", "translation_of": "a"}
    other = {**row, "title": "B", "working_group": "prison-and-probation", "slug": "b"}
    _report, errors = run(jsonl(folder, row, german, other))
    assert not errors
    page, version, elsewhere = (ResourcePage.objects.get(title=title) for title in "AÄB")
    assert page.path.startswith(home.path)
    assert page.access_key == f"group:{group.pk}"
    assert version.path.startswith(library.get_translations().get(locale__language_code="de").path)
    assert version.access_key == f"group:{group.pk}"
    assert elsewhere.path.startswith(library.path)


def test_an_audience_that_could_not_hold_in_the_section_is_refused(
    folder: Path, groups: dict[str, Any], library: ResourceIndexPage
) -> None:
    section = WorkingGroupIndexPage.objects.get(locale=library.locale)
    section.add_child(
        instance=WorkingGroupPage(
            title="Family and community", audience="full", working_group=groups["family-and-community"]
        )
    )
    rows = [
        {"title": "Wide", "working_group": "family-and-community", "audience": "members"},
        {"title": "Teased", "working_group": "family-and-community", "audience": "full", "teaser": "yes"},
        {"title": "Fits", "working_group": "family-and-community", "audience": "full"},
    ]
    _report, errors = run(jsonl(folder, *rows))
    assert "row 1: audience: “members”: This is wider than the section it stands in." in errors
    assert "row 2: teaser: “yes”: The section is not shown to everyone" in errors
    assert set(ResourcePage.objects.values_list("title", flat=True)) == {"Fits"}


def test_a_version_in_another_language_is_one_item_with_its_original_and_as_closed(
    folder: Path, library: ResourceIndexPage
) -> None:
    rows = [
        {"title": "A start", "slug": "start", "audience": "full", "teaser": "yes"},
        {"title": "Ein Anfang", "slug": "start", "language": "de", "translation_of": "start"},
        {"title": "Noch einer", "language": "de", "translation_of": "start"},
        {"title": "Another", "language": "en", "translation_of": "start"},
    ]
    report, errors = run(jsonl(folder, *rows))
    assert report.made == 2
    english, german = ResourcePage.objects.order_by("locale_id")
    assert english.translation_key == german.translation_key
    assert german.language == "de"
    assert (german.audience, german.teaser, german.access_key) == ("full", True, "full")
    assert "row 3: translation_of: “start” has a version in de already" in errors
    assert "row 4: language: “en”: a version of another page is in another language" in errors


def test_a_slug_that_is_taken_is_told_with_its_row(folder: Path) -> None:
    _report, errors = run(jsonl(folder, {"title": "A", "slug": "same"}, {"title": "B", "slug": "same"}))
    assert "row 2: slug: “same” is taken by another page of the same section" in errors


def test_pictures_and_links_of_the_text_are_kept(folder: Path) -> None:
    links = "See [the other](other.md#b-12345678), [far](https://example.org) and [no](x.md)."
    text = f"![A round of people](round.png)\n\n{links}"
    rows = [{"title": "One", "slug": "one", "body": text, "audience": "full"}, {"title": "Two", "slug": "other"}]
    report, errors = run(jsonl(folder, *rows))
    assert not errors
    page, other = ResourcePage.objects.order_by("pk")
    image = HubImage.objects.get()
    assert (image.audience, image.access_key) == ("full", "full")
    figure, paragraph = page.body
    assert figure.value["image"] == image
    assert f'id="{other.pk}"' in paragraph.value.source
    assert "https://example.org" in paragraph.value.source
    assert ">no<" not in paragraph.value.source
    assert "no" in paragraph.value.source
    assert report.made == 2


def test_a_missing_picture_is_a_remark(folder: Path) -> None:
    report, errors = run(jsonl(folder, {"title": "One", "body": "![Gone](../../gone.png)\n"}))
    assert not errors
    assert any("row 1:" in remark for remark in report.remarks)


@pytest.mark.parametrize(
    "name", ["../outside.pdf", "/outside.pdf", "a/../../outside.pdf", "link.pdf", "sheet.pdf/x.pdf"]
)
def test_no_name_leads_out_of_the_folder(name: str, folder: Path) -> None:
    (folder.parent / "outside.pdf").write_bytes(PDF)
    (folder / "link.pdf").symlink_to(folder.parent / "outside.pdf")
    _report, errors = run(jsonl(folder, {"title": "A", "files": [name]}))
    assert "is not in the folder of the import" in errors
    assert not HubDocument.objects.exists()


def test_one_file_used_by_two_rows_of_one_audience_is_stored_once(folder: Path) -> None:
    rows = [{"title": title, "files": "sheet.pdf", "audience": who} for title, who in (("A", "full"), ("B", "full"))]
    run(jsonl(folder, *rows, {"title": "C", "files": "sheet.pdf", "audience": "public"}))
    assert sorted(HubDocument.objects.values_list("access_key", flat=True)) == ["full", "public"]


def test_undo_removes_what_the_import_made_and_nothing_else(folder: Path, make_resource: Make) -> None:
    kept = make_resource("Made by hand")
    before = counts()[:1] + counts()[2:5]
    path = jsonl(folder, {**WHOLE, "body": "![Round](round.png)\n"}, {"title": "B", "language": "de"})
    report, _errors = run(path)
    done = undo(Import.objects.get(pk=report.import_id))
    assert (done.removed, done.kept) == (2, [])
    assert counts()[:1] + counts()[2:5] == before
    assert ResourcePage.objects.get() == kept
    assert run(path)[0].made == 2


def test_undo_keeps_what_was_changed_since_and_says_so(folder: Path) -> None:
    report, _errors = run(jsonl(folder, *({"title": title, "audience": "full"} for title in "ABCDE")))
    pages = {page.title: page for page in ResourcePage.objects.all()}
    pages["A"].summary = "Somebody worked on this."
    pages["A"].save_revision()
    pages["B"].risks = "Changed."
    pages["B"].save()
    set_audience(pages["C"], "members")
    pages["D"].topics.add("housing")
    pages["D"].save()
    done = undo(Import.objects.get(pk=report.import_id))
    assert done.removed == 1
    assert sorted(done.kept) == [f"page {pages[title].pk}: was changed since the import, and stays" for title in "ABCD"]
    assert set(ResourcePage.objects.values_list("title", flat=True)) == set("ABCD")


def test_undo_keeps_a_file_that_something_else_uses(folder: Path, make_resource: Make) -> None:
    report, _errors = run(jsonl(folder, {**WHOLE}))
    FileOfPage.objects.create(page=make_resource("Other"), document=HubDocument.objects.get())
    undo(Import.objects.get(pk=report.import_id))
    assert HubDocument.objects.count() == 1


def test_each_row_costs_as_much_as_the_one_before(folder: Path, django_assert_max_num_queries: Any) -> None:
    asked = []
    for start, number in ((0, 1), (100, 10), (200, 40)):
        rows = [{**WHOLE, "files": "", "title": f"Row {start + place}"} for place in range(number)]
        path = jsonl(folder, *rows)
        with django_assert_max_num_queries(75 * number + 75) as queries:
            assert run(path)[0].made == number
        asked.append(len(queries.captured_queries))
    assert abs((asked[2] - asked[1]) / 30 - (asked[1] - asked[0]) / 9) < 1


def test_the_command_imports_tells_and_takes_back(folder: Path, people: dict[str, Any], capsys: Any) -> None:
    path = table(folder, WHOLE, {**WHOLE, "title": "B", "kind": "x"})
    with pytest.raises(CommandError, match="1 rows were not imported"):
        call_command("import_resources", str(path), user="secretariat@example.org")
    said = capsys.readouterr()
    assert "1 new, 0 here already, 1 with errors" in said.out
    assert "row 3: kind: unknown: “x”" in said.err
    page = ResourcePage.objects.get()
    assert page.owner == people["secretariat"]
    assert [(entry.action, entry.user) for entry in PageLogEntry.objects.filter(page=page.pk)] == [
        ("wagtail.create", people["secretariat"])
    ]
    number = Import.objects.get().pk
    call_command("import_resources", undo=number)
    assert "1 pages removed, 0 kept" in capsys.readouterr().out
    with pytest.raises(CommandError, match="was taken back on"):
        call_command("import_resources", undo=number)
    with pytest.raises(CommandError, match="there is no such import"):
        call_command("import_resources", undo=999)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "Name a file"),
        ({"file": "x.csv", "undo": 1}, "takes a number and nothing else"),
        ({"file": "x.csv", "user": "nobody@example.org"}, "there is no such person"),
    ],
)
def test_nonsense_on_the_command_line_is_named(options: dict[str, Any], said: str, library: Any) -> None:
    file = [options.pop("file")] if "file" in options else []
    with pytest.raises(CommandError, match=said):
        call_command("import_resources", *file, **options)


def test_the_command_puts_rows_below_another_section_only_where_resources_may_stand(
    folder: Path, home: Any, library: ResourceIndexPage
) -> None:
    path = jsonl(folder, {"title": "A"})
    for pk in (home.pk, 99999):
        with pytest.raises(CommandError, match=f"--parent {pk}"):
            call_command("import_resources", str(path), parent=pk)
    call_command("import_resources", str(path), parent=library.pk, kind="insight")
    assert ResourcePage.objects.get().kind == "insight"


def test_what_is_imported_is_found_by_those_who_may(
    folder: Path, indexed: Make, client: Client, client_of: Make
) -> None:
    rows = [{"title": "Open", "audience": "public"}, {"title": "Closed", "audience": "full", "body": "Unusualword."}]
    run(jsonl(folder, *rows))
    indexed()
    assert "Open" in client.get("/library/").content.decode()
    assert "Closed" not in client.get("/library/?q=unusualword").content.decode()
    assert "Closed" in client_of("full").get("/library/?q=unusualword").content.decode()


def test_a_folder_of_markdown_becomes_items_with_their_languages(folder: Path) -> None:
    texts, files = folder / "resources", folder / "files"
    texts.mkdir()
    files.mkdir()
    (files / "sheet.pdf").write_bytes(PDF)
    head = (
        "---\ntitle: {}\nkind: practice\ntopics: [housing]\naudience: public\nlanguage: {}\nfiles: [sheet.pdf]\n---\n"
    )
    (texts / "start.md").write_text(head.format("A start", "en") + "Words.\n", encoding="utf-8")
    (texts / "start.de.md").write_text(head.format("Ein Anfang", "de") + "Worte.\n", encoding="utf-8")
    (texts / "wrong.fr.md").write_text(head.format("Faux", "de") + "Mots.\n", encoding="utf-8")
    (texts / "broken.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    (texts / "odd.md").write_text("---\ntitle: Odd\ncolour: red\n---\n", encoding="utf-8")
    report = import_rows(rows_from_markdown(texts), user=None)
    errors = "\n".join(map(str, report.errors))
    assert report.made == 2
    assert ResourcePage.objects.values("translation_key").distinct().count() == 1
    assert {page.url for page in ResourcePage.objects.all()} == {"/library/start/", "/de/library/start/"}
    assert HubDocument.objects.count() == 1
    assert "wrong.fr.md: language: is de, the name of the file says fr" in errors
    assert "broken.md: line" in errors
    assert "odd.md: not known: colour" in errors


def test_the_demo_content_comes_in_whole(library: ResourceIndexPage, make_topic: Make, groups: Any) -> None:
    import yaml

    from members.models import WorkingGroup

    demo = Path(__file__).parents[2] / "demo"
    for topic in yaml.safe_load((demo / "topics.yaml").read_text(encoding="utf-8")):
        make_topic(topic["slug"], name=topic["name"]["en"])
    for slug in ("east-africa", "central-europe"):
        WorkingGroup.objects.create(slug=slug, name=slug, kind="location")
    report = import_rows(rows_from_markdown(demo / "resources"), user=None)
    assert [str(error) for error in report.errors] == []
    assert report.made == len(list((demo / "resources").glob("*.md")))
    again = import_rows(rows_from_markdown(demo / "resources"), user=None)
    assert (again.made, again.already) == (0, report.made)


COLUMNS = ["title", "body", "kind", "topics", "keywords", "audience", "teaser", "files", "slug", "review_by"]
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
VALUES = PLAIN | st.lists(st.text(max_size=8), max_size=3)


@given(st.dictionaries(st.sampled_from(COLUMNS), VALUES, max_size=8))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_row_is_imported_or_told(folder: Path, row: dict[str, Any]) -> None:
    report = import_rows([Raw("row 1", row, files=folder, pictures=folder)], user=None)
    assert report.rows == 1
    assert (report.made + report.already == 1) != bool(report.errors)


@given(st.binary(max_size=300), st.sampled_from(["rows.csv", "rows.jsonl"]))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused_with_a_reason(folder: Path, content: bytes, name: str) -> None:
    path = folder / name
    path.write_bytes(content)
    told = ""
    try:
        assert import_rows(read(path).rows(), user=None, dry_run=True).rows == read(path).count
    except UnreadableFile as refused:
        told = str(refused)
    assert not told or name in told
