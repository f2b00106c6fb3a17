"""A file becomes a draft in the admin, as a person does it: send, look, decide, make."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import EpsImagePlugin, Image

from core import lines
from core.imported import ImportProblem
from core.models import HubImage, HubPage
from guidebooks import uploading, uploads_admin
from guidebooks.folder import Folder
from guidebooks.former import raw
from guidebooks.importing import _Import
from guidebooks.models import ChapterPage, GuidebookPage, Upload
from guidebooks.previews import small
from guidebooks.uploading import work
from tests import personas
from tests.guidebooks import word_files

pytestmark = pytest.mark.django_db

WORDS = """# A guide for first talks

What this is for.

"""
CHAPTER = """# Listen

Let the other person begin, and do not fill the silence.[^1]

| when | what |
|---|---|
| first | listen |

![](circle.png)

Ask about yesterday before you ask about beliefs.

[^1]: Ten seconds are long.
"""
BOOK = {"index.md": WORDS, "01-listen.md": CHAPTER, "02-after.md": "# Afterwards\n\nWrite down what was agreed.\n"}


def drawing(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(out, "PNG")
    return out.getvalue()


def packed(files: dict[str, Any], name: str = "first-talks.zip") -> SimpleUploadedFile:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in {"circle.png": drawing(), **files}.items():
            archive.writestr(path, data)
    return SimpleUploadedFile(name, out.getvalue(), content_type="application/zip")


@pytest.fixture
def people(home: Any) -> dict[str, Any]:
    return personas.make_personas()


@pytest.fixture
def office(client: Client, people: dict[str, Any]) -> Client:
    client.force_login(people["secretariat"])
    return client


@pytest.fixture
def send(office: Client, section: HubPage) -> Callable[..., Any]:
    """Send a file as the secretariat does, with the form as it was shown."""

    def sent(file: Any, url: str = "", **fields: Any) -> Any:
        url = url or reverse("guidebooks_upload")
        shown = office.get(url)
        token = re.search(r'name="token" value="([^"]+)"', shown.content.decode())
        assert token is not None
        given = {"token": token[1], "parent": section.pk, "audience": "members", "file": file, **fields}
        return office.post(url, given)

    return sent


@pytest.fixture
def upload(send: Callable[..., Any]) -> Upload:
    """A file that was sent and read."""
    answer = send(packed(BOOK))
    assert answer.status_code == 302, answer.context["form"].errors
    made = Upload.objects.get()
    assert work(made.pk)
    made.refresh_from_db()
    assert made.state == "ready", made.problems
    return made


def address(upload: Upload) -> str:
    return reverse("guidebooks_upload_look", args=[upload.pk])


def decide(client: Client, upload: Upload, **more: Any) -> Any:
    """Send the preview as it was shown, with what is decided otherwise."""
    form = client.get(address(upload)).context["form"]
    given = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    return client.post(address(upload), {**given, **more})


def finished(client: Client, upload: Upload, **more: Any) -> GuidebookPage:
    answer = decide(client, upload, **more)
    assert answer.status_code == 302, answer.context["form"].errors
    assert work(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "done", upload.problems
    assert upload.book is not None
    return upload.book


def chapters(book: GuidebookPage) -> dict[str, ChapterPage]:
    below = ChapterPage.objects.filter(lines.subtree(book.path, inclusive=False))
    return {page.imported_from: page for page in below}


def test_from_file_to_draft(office, upload, people):
    text = office.get(address(upload)).content.decode()
    assert "Listen" in text
    assert "Nothing is published by itself" in text
    book = finished(office, upload)
    assert (book.title, book.live, book.audience, book.owner) == (
        "First talks", False, "members", people["secretariat"],
    )  # fmt: skip
    assert [page.title for page in chapters(book).values()] == ["Listen", "Afterwards"]
    assert not any(page.live for page in chapters(book).values())
    kinds = [block["type"] for block in raw(chapters(book)["01-listen.md"])]
    assert [kinds.count(kind) for kind in ("table", "figure", "footnotes")] == [1, 1, 1]
    assert chapters(book)["01-listen.md"].latest_revision is not None
    answer = office.get(address(upload))
    assert answer.url == reverse("wagtailadmin_explore", args=[book.pk])
    assert "is here as a draft" in office.get(answer.url).content.decode()
    assert upload.file.name == ""
    assert Client().get(book.url).status_code == 404


def test_counts_of_the_draft_are_those_of_the_file(office, send):
    table, note = "| a | b |\n|---|---|\n| c | d |\n\n", "\n\n".join(f"[^{n}]: Note {n}." for n in range(6))
    pictures = "\n\n".join(f"![Picture {n}](p{n}.png)" for n in range(4))
    text = f"# One\n\n{table * 3}{' '.join(f'Word[^{n}]' for n in range(6))}\n\n{pictures}\n\n{note}\n"
    files = {"index.md": "# Book\n", "one.md": text}
    files |= {f"p{n}.png": drawing(colour) for n, colour in enumerate(["red", "green", "blue", "black"])}  # type: ignore[misc]
    send(packed(files))
    upload = Upload.objects.get()
    work(upload.pk)
    upload.refresh_from_db()
    counts = {name: numbers for name, *numbers in upload.preview["counts"]}
    assert (counts["tables"], counts["images"], counts["footnotes"]) == ([3, 3, 0], [4, 4, 0], [6, 6, 0])
    body = raw(chapters(finished(office, upload))["one.md"])
    notes = next(block["value"] for block in body if block["type"] == "footnotes")
    assert [sum(b["type"] == kind for b in body) for kind in ("table", "figure")] == [3, 4]
    assert len(notes) == 6


def test_titles_and_words_for_pictures_are_given_right_there(office, upload):
    shown = office.get(address(upload))
    assert "Pictures without words" in shown.content.decode()
    small = re.search(r'src="(/admin/guidebooks/uploads/\d+/pictures/\d+/)"', shown.content.decode())
    assert small is not None
    answer = office.get(small[1])
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/jpeg", "private, no-store")
    book = finished(office, upload, **{"title-1": "Listening", "alt-0": "A red square"})
    page = chapters(book)["01-listen.md"]
    assert page.title == "Listening"
    figure = next(block["value"] for block in raw(page) if block["type"] == "figure")
    assert (figure["alt"], figure["decorative"]) == ("A red square", False)
    assert HubImage.objects.get().audience == "members"


def test_a_picture_left_open_is_asked_about_later_and_decoration_is_said(office, upload, send):
    page = chapters(finished(office, upload))["01-listen.md"]
    figure = next(block["value"] for block in raw(page) if block["type"] == "figure")
    assert (figure["alt"], figure["decorative"]) == ("", False)
    send(packed(BOOK, name="second.zip"))
    other = Upload.objects.first() if Upload.objects.first() != upload else Upload.objects.last()
    assert other is not None
    work(other.pk)
    page = chapters(finished(office, other, **{"decorative-0": "on"}))["01-listen.md"]
    figure = next(block["value"] for block in raw(page) if block["type"] == "figure")
    assert (figure["alt"], figure["decorative"]) == ("", True)


def test_an_answer_that_cannot_be_is_refused_beside_it_and_nothing_is_lost(office, upload):
    answer = decide(office, upload, **{"title-1": "", "title-2": "Later", "alt-0": "A square", "decorative-0": "on"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Give it a title." in text
    assert "not both" in text
    assert 'value="Later"' in text
    assert "A square" in text
    upload.refresh_from_db()
    assert upload.state == "ready"
    assert not GuidebookPage.objects.filter(imported_from="first-talks").exists()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("old.doc", b"\xd0\xcf\x11\xe0"), "old Word file"),
        (SimpleUploadedFile("macro.docm", b"PK"), "macros"),
        (SimpleUploadedFile("picture.png", b"\x89PNG"), "cannot be read"),
        (SimpleUploadedFile("empty.docx", b""), "empty"),
        (None, "required"),
    ],
    ids=["doc", "docm", "png", "empty", "none"],
)
def test_what_cannot_be_a_book_is_refused_at_once(send, file, words):
    if file is not None:
        file.seek(0)
    answer = send(file or "")
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_file_that_is_too_large_is_refused_with_the_limit(send, monkeypatch):
    monkeypatch.setattr(uploads_admin, "LARGEST_UPLOAD", 100)
    answer = send(packed(BOOK))
    assert "larger than 100 MB" in answer.content.decode()
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"index.md": "# A\n", "bad.md": b"\xff\xfe"}, "bad.md: line 1: is not UTF-8 text"),
        ({"index.md": "---\ntopics: [no-such-topic]\n---\n# A\n"}, "not in the vocabulary"),
        ({"notes.txt": "words"}, "holds no Markdown files"),
        ({"../index.md": "# Out"}, "leads out of it"),
    ],
)
def test_a_file_with_problems_names_them_and_nothing_is_written(office, send, files, words):
    pages = HubPage.objects.count()
    send(packed(files))
    upload = Upload.objects.get()
    work(upload.pk)
    text = office.get(address(upload)).content.decode()
    assert words in text
    assert "Nothing was changed" in text
    assert HubPage.objects.count() == pages
    assert not HubImage.objects.exists()


def test_a_damaged_file_is_refused_in_words(office, send):
    data = packed(BOOK).read()
    send(SimpleUploadedFile("broken.zip", data[: len(data) // 2]))
    upload = Upload.objects.get()
    work(upload.pk)
    html = office.get(address(upload)).content.decode()
    assert "cannot be imported" in html
    assert f"<bdi>{upload.name}</bdi>: " in html


def test_while_it_is_read_the_page_looks_again_by_itself(office, send):
    send(packed(BOOK))
    upload = Upload.objects.get()
    answer = office.get(address(upload))
    assert answer["Refresh"] == "2"
    assert "waits to be read" in answer.content.decode()
    assert "<progress" in answer.content.decode()
    Upload.objects.filter(pk=upload.pk).update(state="reading", done=3, total=9)
    assert "3 of 9 chapters" in office.get(address(upload)).content.decode()


def test_work_that_was_interrupted_begins_again_and_ends_once(office, upload):
    decide(office, upload)
    long_ago = timezone.now() - timedelta(minutes=10)
    Upload.objects.filter(pk=upload.pk).update(state="writing", changed_at=long_ago)
    answer = office.get(address(upload))
    assert "interrupted" in answer.content.decode()
    assert "Refresh" not in answer
    office.post(reverse("guidebooks_upload_go_on", args=[upload.pk]))
    assert work(upload.pk)
    assert not work(upload.pk)
    assert GuidebookPage.objects.filter(imported_from="first-talks").count() == 1


def begin_again(office: Client, upload: Upload) -> None:
    """As a person does whose page has said for minutes that nothing moves."""
    Upload.objects.filter(pk=upload.pk).update(changed_at=timezone.now() - timedelta(minutes=10))
    office.post(reverse("guidebooks_upload_go_on", args=[upload.pk]))


def test_a_draft_on_its_way_says_how_far_it_is(office, upload, monkeypatch):
    told = []
    write = _Import._write

    def watched(work_now: _Import) -> None:
        told.append(Upload.objects.values_list("done", "total").get())
        write(work_now)

    monkeypatch.setattr(_Import, "_write", watched)
    finished(office, upload)
    assert told == [(1, 3)]


def test_begun_again_while_the_first_still_works_the_draft_keeps_its_pictures(office, upload, monkeypatch):
    decide(office, upload)
    ready = _Import._make_ready

    def overtaken(first: _Import) -> None:
        ready(first)
        monkeypatch.setattr(_Import, "_make_ready", ready)
        begin_again(office, upload)
        assert work(upload.pk)  # the second, from beginning to end, with the pictures the first has stored

    monkeypatch.setattr(_Import, "_make_ready", overtaken)
    assert work(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "done", upload.problems
    assert GuidebookPage.objects.filter(imported_from="first-talks").count() == 1
    figures = [block for block in raw(chapters(upload.book)["01-listen.md"]) if block["type"] == "figure"]
    image = HubImage.objects.get(pk=figures[0]["value"]["image"])
    assert image.file.storage.exists(image.file.name)


def test_thrown_away_while_it_is_worked_on_no_picture_stays(office, upload, monkeypatch):
    decide(office, upload)
    ready = _Import._make_ready

    def discarded(first: _Import) -> None:
        ready(first)
        assert HubImage.objects.exists()
        Upload.objects.update(changed_at=timezone.now() - timedelta(minutes=10))
        office.post(reverse("guidebooks_upload_discard", args=[upload.pk]))

    monkeypatch.setattr(_Import, "_make_ready", discarded)
    assert work(upload.pk)
    assert not Upload.objects.exists()
    assert not HubImage.objects.exists()
    assert not GuidebookPage.objects.filter(imported_from="first-talks").exists()


def test_a_step_that_fails_after_another_process_took_it_says_nothing(send, monkeypatch):
    send(packed(BOOK))
    upload = Upload.objects.get()

    def slow(_upload: Upload) -> None:
        Upload.objects.update(attempt=7)
        raise ImportProblem("talks", ["too late"])

    monkeypatch.setattr(uploading, "_read", slow)
    assert work(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.problems, upload.attempt) == ("reading", [], 7)


def test_the_same_form_sent_twice_is_one_upload_and_one_draft(office, section, upload):
    assert office.post(reverse("guidebooks_upload"), {
        "token": upload.token, "parent": section.pk, "audience": "members", "file": packed(BOOK),
    }).url == address(upload)  # fmt: skip
    assert Upload.objects.count() == 1
    assert decide(office, upload).status_code == 302
    answer = office.post(address(upload), {})
    assert answer.status_code == 200  # it is on its way already
    assert work(upload.pk)
    assert not work(upload.pk)
    assert office.post(address(upload), {}).status_code == 302
    assert GuidebookPage.objects.filter(imported_from="first-talks").count() == 1


def stored() -> set[str]:
    """The names of all files of uploads."""
    try:
        return {f"uploads/{name}" for name in Upload.file.field.storage.listdir("uploads")[1]}
    except FileNotFoundError:
        return set()


def test_the_same_form_sent_twice_at_once_is_answered_like_the_first(office, section, monkeypatch):
    given = {"token": "t", "parent": section.pk, "audience": "members"}
    url, first, own_language = reverse("guidebooks_upload"), [], uploads_admin.get_language
    before = stored()

    def meanwhile() -> str:
        # Asked for the language, the second has seen that no upload has this token yet.
        monkeypatch.setattr(uploads_admin, "get_language", own_language)
        first.append(office.post(url, {**given, "file": packed(BOOK)}).url)
        return "en"

    monkeypatch.setattr(uploads_admin, "get_language", meanwhile)
    assert office.post(url, {**given, "file": packed(BOOK)}).url == first[0]
    upload = Upload.objects.get()
    assert first == [address(upload)]
    assert stored() - before == {upload.file.name}


def test_a_form_with_the_token_of_another_person_is_an_upload_of_its_own(people, office, section, upload):
    Upload.objects.update(owner=people["associate"])
    given = {"token": upload.token, "parent": section.pk, "audience": "members", "file": packed(BOOK)}
    assert office.post(reverse("guidebooks_upload"), given).status_code == 302
    own = Upload.objects.get(owner=people["secretariat"])
    own.full_clean(exclude=["preview", "choices", "problems"])  # its token is no longer than the column


def test_where_no_thread_can_start_the_upload_waits_for_a_worker(
    send, settings, monkeypatch, django_capture_on_commit_callbacks
):
    def refused(_thread: Any) -> None:
        raise RuntimeError("can't start new thread")

    settings.READ_FILES_AT_ONCE = 5_000_000
    monkeypatch.setattr(uploading.threading.Thread, "start", refused)
    with django_capture_on_commit_callbacks(execute=True):
        assert send(packed(BOOK)).status_code == 302
    assert Upload.objects.get().state == "waiting"


def test_two_files_of_one_name_become_two_drafts(office, send):
    send(packed(BOOK))
    send(packed(BOOK))
    first, second = Upload.objects.order_by("pk")
    for upload in (first, second):
        work(upload.pk)
        upload.refresh_from_db()
    one = finished(office, first)
    two = finished(office, second)
    assert one.pk != two.pk
    assert {one.slug, two.slug} == {"first-talks", "first-talks-2"}


def test_thrown_away_it_is_gone_with_its_file(office, upload):
    storage, name = upload.file.storage, upload.file.name
    assert storage.exists(name)
    with pytest.raises(ValueError, match="no address"):
        _ = upload.file.url
    office.post(reverse("guidebooks_upload_discard", args=[upload.pk]))
    assert not Upload.objects.exists()
    assert office.get(address(upload)).status_code == 404


@pytest.mark.parametrize("gone", ["owner", "parent"])
def test_the_file_goes_with_the_person_and_with_the_place(people, upload, gone, django_capture_on_commit_callbacks):
    storage, name = upload.file.storage, upload.file.name
    with django_capture_on_commit_callbacks(execute=True):
        getattr(upload, gone).delete()
    assert not Upload.objects.exists()
    assert not storage.exists(name)


def test_what_nobody_finishes_is_deleted_after_a_week(upload, capsys):
    call_command("delete_uploads")
    assert Upload.objects.count() == 1
    Upload.objects.filter(pk=upload.pk).update(changed_at=timezone.now() - timedelta(days=8))
    call_command("delete_uploads")
    assert not Upload.objects.exists()
    assert "1 uploads deleted" in capsys.readouterr().out


def test_who_sent_it_and_may_no_longer_write_there_makes_no_draft(office, upload, people):
    decide(office, upload)
    people["secretariat"].groups.clear()
    work(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "ready"
    assert "no longer write there" in upload.problems[0]
    assert not GuidebookPage.objects.filter(imported_from="first-talks").exists()
    assert office.get(address(upload)).status_code == 404


def test_an_audience_wider_than_the_section_is_refused(send, section, make_page, home):
    from core.audience import set_audience

    set_audience(section, "full", None, None)
    answer = send(packed(BOOK), audience="public")
    assert answer.status_code == 422
    assert "wider than the section" in answer.content.decode()


# A new version ------------------------------------------------------------------------------------------


@pytest.fixture
def book(office: Client, upload: Upload) -> GuidebookPage:
    """A guidebook that was imported and published since."""
    made = finished(office, upload, **{"alt-0": "A red square"})
    for page in [made, *chapters(made).values()]:
        page.get_latest_revision().publish()
    made.refresh_from_db()
    return made


def renew(send: Callable[..., Any], book: GuidebookPage, files: dict[str, Any], name: str = "talks-2.zip") -> Upload:
    send(packed(files, name=name), url=reverse("guidebooks_upload_again", args=[book.pk]))
    upload = Upload.objects.get(onto=book, state="waiting")
    assert work(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "ready", upload.problems
    return upload


def test_a_new_version_shows_what_changes_and_becomes_a_draft(office, book, send):
    page = chapters(book)["01-listen.md"]
    was = {block["id"]: block["value"] for block in raw(page)}
    upload = renew(send, book, {**BOOK, "01-listen.md": CHAPTER.replace("yesterday", "this morning")})
    text = " ".join(office.get(address(upload)).content.decode().split())
    assert "1 changed, 0 new, 0 gone" in text
    assert re.search(r"<del><span[^>]*>taken out:</span>yesterday </del>", text)
    assert re.search(r"<ins><span[^>]*>put in:</span>this morning </ins>", text)
    assert text.count("Nothing changes.") == 2
    assert "Pictures without words" not in text  # they were found the first time
    assert finished(office, upload).pk == book.pk
    page = ChapterPage.objects.get(pk=page.pk)
    assert {block["id"]: block["value"] for block in raw(page)} == was
    now = {block["id"]: block["value"] for block in raw(page.get_latest_revision_as_object())}
    assert list(now) == list(was)
    assert [number for number in now if now[number] != was[number]] == [
        number for number in was if "yesterday" in str(was[number])
    ]
    assert HubImage.objects.count() == 1
    book.refresh_from_db()
    assert book.imported_from == "talks-2"


def test_a_new_version_is_turned_into_blocks_before_it_is_written(office, book, send, monkeypatch):
    """Turning takes long, and nobody else may write during the transaction."""
    upload = renew(send, book, {**BOOK, "02-after.md": "# Afterwards\n\nFirst [listen](01-listen.md), then write.\n"})
    told: list[str] = []
    convert, write = Folder.convert, _Import._write
    monkeypatch.setattr(Folder, "convert", lambda *args: told.append("turned") or convert(*args))
    monkeypatch.setattr(_Import, "_write", lambda work: told.append("written") or write(work))
    assert finished(office, upload).pk == book.pk
    assert told == ["turned"] * 3 + ["written"]
    after = chapters(book)["02-after.md"].get_latest_revision_as_object()
    assert f'id="{chapters(book)["01-listen.md"].pk}"' in str(raw(after))


def test_what_was_changed_here_and_in_the_file_is_chosen_in_the_preview(office, book, send):
    page = chapters(book)["02-after.md"].get_latest_revision_as_object()
    page.body = [{**block, "value": block["value"].replace("agreed", "agreed by both")} for block in raw(page)]
    page.save_revision().publish()
    upload = renew(send, book, {**BOOK, "02-after.md": "# Afterwards\n\nWrite down what was agreed today.\n"})
    text = office.get(address(upload)).content.decode()
    assert "changed here and in the file" in text
    assert "agreed by both" in text
    finished(office, upload, **{"keep-0": "file"})
    page = ChapterPage.objects.get(pk=page.pk).get_latest_revision_as_object()
    assert "agreed today" in str(raw(page))


def test_chapters_gone_from_the_file_are_named_and_stay(office, book, send):
    files = {name: text for name, text in BOOK.items() if name != "02-after.md"}
    upload = renew(send, book, {**files, "03-new.md": "# Rooms and keys\n\nWho opens.\n"})
    text = office.get(address(upload)).content.decode()
    assert "No longer in the file" in text
    assert "Afterwards" in text
    assert "New chapter." in text
    finished(office, upload)
    assert chapters(book)["02-after.md"].live
    assert not chapters(book)["03-new.md"].live


def test_a_chapter_in_review_is_not_touched(office, book, send):
    page = chapters(book)["01-listen.md"]
    page.locked = True
    page.save()
    upload = renew(send, book, {**BOOK, "01-listen.md": CHAPTER.replace("yesterday", "today")})
    assert "in review or locked" in office.get(address(upload)).content.decode()
    decide(office, upload)
    work(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "ready"
    assert "“Listen” is in review or locked" in upload.problems[0]
    assert "Nothing was changed" in office.get(address(upload)).content.decode()


def test_only_imported_guidebooks_have_new_versions(office, make_book):
    by_hand = make_book("By hand")
    assert office.get(reverse("guidebooks_upload_again", args=[by_hand.pk])).status_code == 404
    assert "Import a new version" not in office.get(reverse("wagtailadmin_explore", args=[by_hand.pk])).content.decode()


def test_the_ways_in_are_in_the_menu_and_on_the_pages(office, section, book):
    assert reverse("guidebooks_upload") in office.get("/admin/").content.decode()
    on_section = office.get(reverse("wagtailadmin_explore", args=[section.pk])).content.decode()
    assert reverse("guidebooks_upload_below", args=[section.pk]) in on_section
    on_book = office.get(reverse("wagtailadmin_explore", args=[book.pk])).content.decode()
    assert reverse("guidebooks_upload_again", args=[book.pk]) in on_book


# Whose it is --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in personas.NAMES if name not in ("secretariat", "lead", "author")])
def test_for_everybody_else_there_is_no_upload(upload, people, name):
    client = Client()
    if name != "anonymous":
        client.force_login(people[name])
    picture = upload.pictures.get()
    paths = [
        address(upload),
        reverse("guidebooks_upload_picture", args=[upload.pk, picture.pk]),
    ]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == (302 if name == "anonymous" else 404)
        assert b"first-talks" not in answer.content
    for path in ("guidebooks_upload_discard", "guidebooks_upload_go_on"):
        client.post(reverse(path, args=[upload.pk]))
    assert Upload.objects.filter(pk=upload.pk).exists()


def test_the_page_of_an_upload_writes_nothing(office, upload, django_assert_max_num_queries):
    with django_assert_max_num_queries(30) as seen:
        office.get(address(upload))
    assert not [
        q for q in seen.captured_queries if q["sql"].lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
    ]


# Word files -----------------------------------------------------------------------------------------------


def word_file(sentence: str = "Ask about yesterday before you ask about beliefs.") -> SimpleUploadedFile:
    """A Word file with 3 tables, 4 pictures (one without words), 6 footnotes, in two chapters."""
    maker = word_files.Maker()
    maker.title("First talks in Word")
    maker.text("What this is for.")
    maker.heading("Listen first")
    for number in range(6):
        maker.note(maker.text(f"Sentence {number} of this chapter, which says something."), f"Note {number}.")
    maker.text(sentence)
    for number in range(3):
        maker.table([["when", "what"], [f"day {number}", "listen"]])
    maker.heading("Afterwards")
    maker.text("Write down what was agreed.")
    for number in range(4):
        maker.picture(alt=f"Two people at table number {number}" if number else "")
    return SimpleUploadedFile("First talks.docx", maker.bytes())


def test_a_word_file_becomes_a_draft_with_all_that_is_in_it_and_a_new_version_changes_one_block(office, send):
    send(word_file())
    upload = Upload.objects.get()
    work(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "ready", upload.problems
    counts = {name: numbers for name, *numbers in upload.preview["counts"]}
    assert (counts["tables"], counts["images"], counts["footnotes"]) == ([3, 3, 0], [4, 4, 0], [6, 6, 0])
    assert upload.pictures.count() == 1
    book = finished(office, upload, **{"alt-0": "What is seen"})
    assert book.title == "First talks in Word"
    pages = {page.title: page for page in chapters(book).values()}
    assert list(pages) == ["Listen first", "Afterwards"]
    was = {block["id"]: block["value"] for page in pages.values() for block in raw(page)}
    kinds = [block["type"] for page in pages.values() for block in raw(page)]
    assert (kinds.count("table"), kinds.count("figure")) == (3, 4)
    renewed = renew_word(office, send, book, "Ask about this morning before you ask about beliefs.")
    text = " ".join(office.get(address(renewed)).content.decode().split())
    assert "1 changed, 0 new, 0 gone" in text
    assert "Pictures without words" not in text
    finished(office, renewed)
    now = {
        block["id"]: block["value"]
        for page in chapters(book).values()
        for block in raw(page.get_latest_revision_as_object())
    }
    assert list(now) == list(was)
    assert sum(now[number] != was[number] for number in was) == 1


def renew_word(office: Client, send: Callable[..., Any], book: GuidebookPage, sentence: str) -> Upload:
    send(word_file(sentence), url=reverse("guidebooks_upload_again", args=[book.pk]))
    upload = Upload.objects.get(onto=book)
    assert work(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "ready", upload.problems
    return upload


@pytest.mark.parametrize(
    ("data", "words"),
    [(word_files.encrypted, "password"), (lambda: word_files.plain("x")[:200], "cannot be imported")],
    ids=["encrypted", "damaged"],
)
def test_a_word_file_that_cannot_be_read_is_refused_in_words(office, send, data, words):
    send(SimpleUploadedFile("secret.docx", data()))
    upload = Upload.objects.get()
    work(upload.pk)
    assert words in office.get(address(upload)).content.decode()
    assert not GuidebookPage.objects.exists()


def test_a_picture_is_drawn_small_only_if_it_is_one_and_not_huge(monkeypatch):
    """It comes from a stranger, and is looked at before anything has cleaned it."""
    assert small(drawing())
    huge = io.BytesIO()
    Image.new("1", (8000, 8000)).save(huge, "PNG")
    assert small(huge.getvalue()) is None
    program = io.BytesIO()
    Image.new("RGB", (40, 40)).save(program, "EPS")
    asked = []
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *args: asked.append(args) or Image.new("RGB", (4, 4)).im)
    assert small(program.getvalue()) is None
    assert asked == []
