"""The words of files: read after the upload, found through the page that offers them, and only by their readers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult
from fpdf import FPDF

from core import filetexts
from core.access import Viewer, fold
from core.audience import set_audience
from core.cards import load
from core.models import FileOfPage, FilePart, FileText, HubDocument, HubPage, Reading
from hub.models import PlainPage
from search import library, outbox
from search.extracting import Extracted, Part
from search.rebuilding import rebuild
from tests import personas

pytestmark = pytest.mark.django_db

PUBLIC, MEMBERS = frozenset({"public"}), frozenset({"public", "members"})
FULL = MEMBERS | {"full"}


def pdf(*pages: str) -> bytes:
    """A PDF with one text on each page."""
    made = FPDF()
    made.set_font("Helvetica", size=12)
    for text in pages:
        made.add_page()
        made.multi_cell(0, 6, text)
    return bytes(made.output())


def stored(name: str, data: bytes, **fields: Any) -> HubDocument:
    """A document as an upload leaves it; ``title`` is its name unless given."""
    file = ContentFile(data, name=name)
    file.is_clean = True  # type: ignore[attr-defined]
    document = HubDocument(**{"title": name, "file": file, "audience": "public", **fields})
    document._set_document_file_metadata()
    document.save()
    return document


def found(query: str, keys: frozenset[str] | None = PUBLIC) -> list[library.Hit]:
    """What a search gives now."""
    outbox.drain_now()
    return list(library.find(query, keys=keys).hits)


def work_off_the_queue() -> None:
    """Do what ``db_worker --backend slow`` does, without closing the connection of the test."""
    worker = Worker(
        queue_names=["default"], interval=0, batch=True, backend_name="slow", startup_delay=False, max_tasks=None,
        worker_id="tests", excluded_queue_names=[],
    )  # fmt: skip
    for waiting in DBTaskResult.objects.ready().filter(backend_name="slow"):
        waiting.claim("tests")
        worker.run_task(waiting)
        assert waiting.status == TaskResultStatus.SUCCESSFUL


@pytest.fixture
def index(settings: Any, tmp_path: Any) -> None:
    """An index and a media folder of this test's own."""
    settings.WAGTAILSEARCH_BACKENDS = {
        "default": {"BACKEND": "search.backend", "PATH": tmp_path / "index", "REPAIR": False}
    }
    settings.MEDIA_ROOT = tmp_path / "media"
    rebuild()


@pytest.fixture
def offering(index: None, make_page: Callable[..., PlainPage]) -> PlainPage:
    """An open page."""
    return make_page("Working with worksheets")


@pytest.fixture
def worksheet(offering: PlainPage) -> HubDocument:
    """A PDF of three pages beside the page, still to be read."""
    document = stored(
        "worksheet.pdf", pdf("An opening", "The turquoise kettle", "An ending about quince"), title="A worksheet"
    )
    FileOfPage.objects.create(page=offering, document=document)
    return document


# From the upload to the reader ----------------------------------------------------------------------


def test_a_file_is_uploaded_read_by_the_queue_found_on_its_page_and_opened_there(offering):
    secretariat = Client()
    secretariat.force_login(personas.make_personas()["secretariat"])
    words = ["An opening page.", "Then comes the turquoise kettle.", "The end."]
    answer = secretariat.post(
        reverse("wagtaildocs:add"),
        {
            "title": "Sheet for the first talk",
            "file": SimpleUploadedFile("first talk.pdf", pdf(*words)),
            "audience": "public",
            "collection": 1,
        },
    )
    assert answer.status_code == 302
    document = HubDocument.objects.get()
    editor = reverse("wagtaildocs:edit", args=[document.pk])
    assert "still to be read" in secretariat.get(editor).content.decode()
    FileOfPage.objects.create(page=offering, document=document)
    outbox.drain_now()
    visitor = Client()
    assert visitor.get("/search/", {"q": "kettle"}).context["found"].total == 0

    work_off_the_queue()
    outbox.drain_now()
    shown = secretariat.get(editor).content.decode()
    assert "The text can be found." in shown
    assert re.search(r"<dt>Pages</dt>\s*<dd>3</dd>", shown)
    assert re.search(r"<dt>Number of words</dt>\s*<dd>10</dd>", shown)
    answer = visitor.get("/search/", {"q": "turquoise kettle"})
    [card] = answer.context["found"].cards
    assert (card.title, card.place) == (offering.title, "page 2 of Sheet for the first talk")
    assert "the <mark>turquoise</mark> <mark>kettle</mark>" in card.html
    assert "page 2 of Sheet for the first talk" in answer.content.decode()
    address, _, place = card.place_url.partition("#")
    assert place == "page=2"
    assert f'href="{card.place_url}"' in answer.content.decode()
    opened = visitor.get(address)
    assert opened.status_code == 200
    assert opened["Content-Disposition"].startswith("inline")
    assert b"".join(opened.streaming_content).startswith(b"%PDF")


def test_a_place_in_a_file_is_named_in_the_readers_language(worksheet, offering):
    filetexts.read_waiting()
    hits = found("kettle")
    assert [(hit.pk, hit.anchor, hit.label) for hit in hits] == [
        (str(offering.pk), f"{worksheet.url}#page=2", "A worksheet")
    ]
    [card] = load(hits, Viewer())
    assert (card.place, card.place_url) == ("page 2 of A worksheet", f"/documents/{worksheet.pk}/worksheet.pdf#page=2")


def test_a_page_of_a_file_folds_into_its_page(worksheet, offering):
    filetexts.read_waiting()
    answer_hits = found("opening kettle quince worksheets")
    assert [hit.pk for hit in answer_hits] == [str(offering.pk)]
    answer = library.find("kettle", keys=PUBLIC, facets=["kind", "language"])
    assert (answer.total, answer.facets) == (1, {"kind": {"page": 1}, "language": {"en": 1}})


@pytest.mark.parametrize(
    ("name", "data", "label", "place", "fragment"),
    [
        ("notes.md", b"# Before\nhello\n\n# After the call\nturquoise kettle", "S: After the call", "", ""),
        ("notes.txt", b"The turquoise kettle", "S", "", ""),
    ],
)
def test_a_section_is_named_by_its_heading_and_its_file(offering, name, data, label, place, fragment):
    document = stored(name, data, title="S")
    FileOfPage.objects.create(page=offering, document=document)
    filetexts.read_waiting()
    [card] = load(found("turquoise"), Viewer())
    assert (card.place, card.place_url) == (label, document.url)


def test_the_page_shows_how_many_pages_its_file_has(index, home):
    from resources.models import ResourceIndexPage, ResourcePage

    section = ResourceIndexPage.objects.get(locale=home.locale)
    resource = section.add_child(
        instance=ResourcePage(title="A practice", resource_kind="practice", audience="public", slug="a-practice")
    )
    document = stored("sheet.pdf", pdf("one", "two", "three"))
    FileOfPage.objects.create(page=resource, document=document)
    assert "3 pages" not in Client().get(resource.url).content.decode()
    filetexts.read_waiting()
    shown = Client().get(resource.url).content.decode()
    assert re.search(r"<span>PDF</span>.*<span>3 pages</span>", shown, re.S)


# Which pages offer a file ---------------------------------------------------------------------------


def test_a_link_in_the_text_of_a_page_is_enough_and_an_alias_or_a_draft_is_not(index, make_page, home):
    document = stored("linked.txt", b"turquoise kettle")
    body = [{"type": "paragraph", "value": f'<p><a linktype="document" id="{document.pk}">a file</a></p>'}]
    linking = make_page("It links", body=body)
    make_page("A draft links", body=body, live=False)
    linking.create_alias(parent=HubPage.objects.get(pk=home.pk), update_slug="an-alias")
    only_in_draft = make_page("Links in what is not published")
    only_in_draft.body = body
    only_in_draft.save_revision()
    filetexts.read_waiting()
    assert [hit.title for hit in found("turquoise", None)] == ["It links"]


@pytest.mark.parametrize("others", [0, 1])
def test_a_file_that_a_draft_lets_go_is_still_closed_on_the_page_as_it_is_published(index, make_page, others):
    document = stored("linked.txt", b"turquoise kettle")
    kept = [stored("kept.txt", b"marmalade") for _ in range(others)]
    links = [f'<a linktype="document" id="{each.pk}">a file</a>' for each in (document, *kept)]
    page = make_page("It links", body=[{"type": "paragraph", "value": f"<p>{' '.join(links)}</p>"}])
    filetexts.read_waiting()
    assert found("turquoise")
    draft = HubPage.objects.get(pk=page.pk).specific
    draft.body = [{"type": "paragraph", "value": f"<p>No more. {' '.join(links[1:])}</p>"}]
    draft.save_revision()
    assert len(found("turquoise")) == 1
    document.audience = "members"
    document.save()
    assert library.find("turquoise", keys=PUBLIC).total == 0
    outbox.drain_now()
    answer = library.find("turquoise", keys=PUBLIC, as_typed=True)
    assert (answer.total, answer.missing) == (0, ("turquoise",))
    assert len(found("turquoise", MEMBERS)) == 1


def test_a_page_that_lets_a_file_go_is_not_found_by_it_any_more(worksheet, offering):
    filetexts.read_waiting()
    assert found("kettle")
    FileOfPage.objects.get().delete()
    assert found("kettle") == []
    FileOfPage.objects.create(page=offering, document=worksheet)
    assert found("kettle")
    offering.unpublish()
    assert found("kettle", None) == []


def test_a_file_that_no_page_offers_is_not_found(index):
    stored("alone.txt", b"turquoise kettle")
    filetexts.read_waiting()
    assert found("turquoise", None) == []


# Who may read ---------------------------------------------------------------------------------------

KEYS = {"public": PUBLIC, "members": MEMBERS, "full": FULL}


@pytest.mark.parametrize("of_page", KEYS)
@pytest.mark.parametrize("of_file", KEYS)
def test_only_who_may_read_both_page_and_file_finds_its_words(index, make_page, of_page, of_file):
    page = make_page("A page", audience=of_page)
    document = stored("a.txt", b"turquoise kettle", audience=of_file)
    FileOfPage.objects.create(page=page, document=document)
    filetexts.read_waiting()
    needed = fold(of_page, of_file)
    for keys in KEYS.values():
        answer = found("turquoise", keys), library.find("turquoise", keys=keys, facets=["kind"])
        assert (len(answer[0]), answer[1].total) == (int(needed in keys),) * 2
        assert answer[1].missing == (() if needed in keys else ("turquoise",))


def test_closing_a_file_or_its_page_closes_its_words_at_once(worksheet, offering):
    filetexts.read_waiting()
    assert found("kettle")
    worksheet.audience = "members"
    worksheet.save()
    # Before the index knows of it, and after.
    assert library.find("kettle", keys=PUBLIC).total == 0
    assert (len(found("kettle")), len(found("kettle", MEMBERS))) == (0, 1)
    set_audience(offering, "full")
    assert library.find("kettle", keys=MEMBERS).total == 0
    assert (len(found("kettle", MEMBERS)), len(found("kettle", FULL))) == (0, 1)


def test_a_stale_index_shows_nothing_of_a_file_that_is_closed(worksheet, offering):
    filetexts.read_waiting()
    hits = found("kettle")
    assert len(load(hits, Viewer())) == 1
    HubDocument.objects.filter(pk=worksheet.pk).update(audience="members", access_key="members")
    assert load(hits, Viewer()) == []
    assert len(load(hits, Viewer(keys=MEMBERS))) == 1


def test_the_index_gives_titles_of_files_to_their_readers_only(worksheet, offering):
    worksheet.title, worksheet.audience = "Sheet of zinnias", "members"
    worksheet.save()
    filetexts.read_waiting()
    assert (found("zinnias"), len(found("zinnias", MEMBERS))) == ([], 1)
    worksheet.title = "Sheet of dahlias"
    worksheet.save()
    assert (found("zinnias", MEMBERS), len(found("dahlias", MEMBERS))) == ([], 1)


# When a file is read --------------------------------------------------------------------------------


def test_a_new_file_waits_from_the_moment_it_is_stored_and_is_queued_with_it(index):
    document = stored("a.txt", b"words")
    assert FileText.objects.get(document=document).state == Reading.WAITING
    [task] = DBTaskResult.objects.all()
    assert (task.task_path, task.backend_name) == ("core.filetexts.read_waiting_texts", "slow")
    document.title = "Another title"
    document.save()
    assert DBTaskResult.objects.count() == 1


def test_a_new_upload_takes_the_place_of_the_old_words(worksheet, offering):
    filetexts.read_waiting()
    worksheet.file.storage.delete(worksheet.file.name)  # so that the new one gets the same name, as in the editor
    worksheet.file = SimpleUploadedFile("worksheet.pdf", pdf("A new text", "with a marmalade"))
    worksheet.save()
    assert FileText.objects.get().state == Reading.WAITING
    assert found("kettle") == []
    filetexts.read_waiting()
    assert [(hit.anchor[-7:]) for hit in found("marmalade")] == ["#page=2"]
    assert FilePart.objects.count() == 2


def test_words_of_another_file_than_the_documents_are_not_found(worksheet, offering):
    filetexts.read_waiting()
    other = stored("other.txt", b"marmalade")
    HubDocument.objects.filter(pk=worksheet.pk).update(file=other.file.name)  # nobody hears of this
    outbox.put(HubPage, [offering.pk])
    assert found("kettle", None) == []
    HubDocument.objects.get(pk=worksheet.pk).save()
    assert FileText.objects.get(document=worksheet).state == Reading.WAITING
    filetexts.read_waiting()
    assert found("marmalade")


def test_what_was_read_of_a_file_that_has_been_replaced_meanwhile_is_thrown_away(worksheet, monkeypatch):
    def replaced(document: HubDocument) -> Extracted:
        now = HubDocument.objects.get(pk=document.pk)
        now.file = SimpleUploadedFile("new.pdf", pdf("marmalade"))
        now.save()
        return Extracted("read", 1, (Part(1, "turquoise kettle"),))

    with monkeypatch.context() as patched:
        patched.setattr(filetexts, "_extracted", replaced)
        filetexts.read(worksheet)
    assert FileText.objects.get().state == Reading.WAITING
    assert not FilePart.objects.exists()
    filetexts.read_waiting()
    assert found("marmalade")


def test_a_document_that_is_deleted_takes_its_words_along(index, make_page):
    document = stored("linked.txt", b"turquoise kettle")
    make_page("It links", body=[{"type": "paragraph", "value": f'<a linktype="document" id="{document.pk}">a</a>'}])
    filetexts.read_waiting()
    assert found("turquoise")
    document.delete()
    assert found("turquoise", None) == []
    assert not FileText.objects.exists()
    assert not FilePart.objects.exists()


def test_a_document_deleted_while_it_is_read_is_no_error(worksheet, monkeypatch):
    def deleted(document: HubDocument) -> Extracted:
        FileOfPage.objects.all().delete()
        HubDocument.objects.get(pk=document.pk).delete()
        return Extracted("read", 1, (Part(1, "turquoise"),))

    monkeypatch.setattr(filetexts, "_extracted", deleted)
    assert filetexts.read_waiting() == 1
    assert not FilePart.objects.exists()


def test_a_file_that_is_gone_says_so_and_can_be_read_again_when_it_is_back(worksheet):
    storage, name = worksheet.file.storage, worksheet.file.name
    data = worksheet.file.read()
    storage.delete(name)
    filetexts.read_waiting()
    assert FileText.objects.get().state == Reading.MISSING
    assert storage.save(name, ContentFile(data)) == name
    secretariat = Client()
    secretariat.force_login(personas.make_personas()["secretariat"])
    editor = reverse("wagtaildocs:edit", args=[worksheet.pk])
    assert "gone from the hub" in secretariat.get(editor).content.decode()
    again = reverse("core_read_again", args=[worksheet.pk])
    assert f'formaction="{again}"' in secretariat.get(editor).content.decode()
    answer = secretariat.post(again, {"title": "not saved"})
    assert (answer.status_code, answer.url) == (302, editor)
    assert FileText.objects.get().state == Reading.WAITING
    filetexts.read_waiting()
    assert FileText.objects.get().state == Reading.READ
    worksheet.refresh_from_db()
    assert worksheet.title == "A worksheet"


def test_reading_again_is_the_secretariats_alone_and_needs_a_token(worksheet):
    people = personas.make_personas()
    again = reverse("core_read_again", args=[worksheet.pk])
    for name, person in people.items():
        client = Client(enforce_csrf_checks=True)
        if name != "anonymous":
            client.force_login(person)
        assert client.get(again).status_code == {"anonymous": 302, "secretariat": 405}.get(name, 404)
        assert client.post(again).status_code == {"anonymous": 403}.get(name, 403)
    assert not DBTaskResult.objects.exclude(task_path="core.filetexts.read_waiting_texts").exists()
    assert DBTaskResult.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "data", "state", "words"),
    [
        ("a.pdf", b"\x89PNG\r\n\x1a\n and so on", "wrong-type", "Not the kind of file"),
        ("a.pdf", b"%PDF-1.7 and then nothing", "damaged", "Damaged"),
        ("a.docx", b"\xd0\xcf\x11\xe0" * 99, "encrypted", "password"),
        ("a.txt", b" \n ", "empty", "no text in this file"),
        ("a.xlsx", b"PK", "unknown", "of this kind cannot be found"),
    ],
)
def test_a_file_that_gives_no_words_says_why_and_stays_as_it_is(index, name, data, state, words):
    document = stored(name, data)
    filetexts.read_waiting()
    text = FileText.objects.get()
    assert (text.state, text.words, text.tries) == (state, 0, 1)
    secretariat = Client()
    secretariat.force_login(personas.make_personas()["secretariat"])
    assert words in secretariat.get(reverse("wagtaildocs:edit", args=[document.pk])).content.decode()
    assert document.file.storage.open(document.file.name).read() == data


def test_every_state_of_reading_has_words():
    from search.extracting import STATES

    assert set(Reading.values) >= STATES
    for state in Reading:
        assert len(str(state.label)) > 15


# Whoever reads may fail -----------------------------------------------------------------------------


def test_reading_that_was_cut_off_is_taken_up_by_whoever_comes_after(worksheet):
    now = timezone.now()
    claimed = filetexts._claim(worksheet)
    assert claimed is not None
    assert filetexts.read_waiting() == 0  # somebody has it in hand
    # This looks after it later, should whoever has it die.
    assert DBTaskResult.objects.filter(run_after__range=(now, now + 2 * filetexts.GIVEN_UP)).count() == 1
    FileText.objects.update(started_at=timezone.now() - filetexts.GIVEN_UP - timedelta(seconds=1))
    assert filetexts.read_waiting() == 1
    assert (claimed.tries, FileText.objects.get().state) == (1, Reading.READ)


def test_a_file_that_ends_whoever_reads_it_is_given_up_after_a_few_tries(worksheet):
    for _time in range(filetexts.MOST_TRIES):
        assert filetexts._claim(worksheet) is not None
        FileText.objects.update(started_at=timezone.now() - 2 * filetexts.GIVEN_UP)
    assert filetexts.read_waiting() == 0
    assert FileText.objects.get().state == Reading.FAILED
    assert not filetexts.waiting().exists()


def test_an_error_is_logged_without_words_of_the_file_and_tried_again(worksheet, monkeypatch, caplog):
    def no_process(*args: Any) -> Extracted:
        raise OSError("no process can be started")

    with monkeypatch.context() as patched:
        patched.setattr(filetexts, "extract", no_process)
        for time in range(1, filetexts.MOST_TRIES + 1):
            filetexts.read_waiting()
            text = FileText.objects.get()
            assert (text.tries, text.state) == (time, "waiting" if time < filetexts.MOST_TRIES else "failed")
    assert f"document {worksheet.pk}" in caplog.text
    assert "worksheet" not in "".join(record.getMessage() for record in caplog.records)


def test_two_who_come_at_once_do_not_read_the_same_file(worksheet):
    assert filetexts._claim(worksheet) is not None
    assert filetexts._claim(worksheet) is None


def test_a_bulk_import_reads_its_files_at_its_end_and_leaves_one_task_in_case_it_dies(index):
    with filetexts.read_at_the_end():
        for number in range(3):
            stored(f"{number}.txt", b"turquoise kettle")
        assert filetexts.waiting().count() == 3
    assert not filetexts.waiting().exists()
    assert DBTaskResult.objects.count() == 1
    assert DBTaskResult.objects.get().run_after > timezone.now()
    filetexts._claim(stored("last.txt", b"another"))
    DBTaskResult.objects.all().delete()
    filetexts.read_waiting_texts.call()  # while somebody else has one in hand
    assert DBTaskResult.objects.count() == 1


# The command ----------------------------------------------------------------------------------------


def test_the_command_reads_what_waits_and_with_again_all(worksheet, capsys):
    stored("b.txt", b"words of another file")
    HubDocument.objects.bulk_create([HubDocument(title="c", file="documents/not-there.txt")])  # came without a row
    call_command("extract_texts", verbosity=0)
    assert FileText.objects.count() == 3
    assert sorted(FileText.objects.values_list("state", flat=True)) == ["missing", "read", "read"]
    told = capsys.readouterr().out
    assert "2  The text can be found." in told
    first = FileText.objects.get(document=worksheet).extracted_at
    call_command("extract_texts", verbosity=0)
    assert FileText.objects.get(document=worksheet).extracted_at == first
    call_command("extract_texts", again=True, verbosity=0)
    assert FileText.objects.get(document=worksheet).extracted_at > first
    assert found("kettle")
