"""What may be taken away: every file is opened and read, and holds nothing that its taker may not read on the site."""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Iterable

import pypdfium2

from tests.doors.checks import ALL, Nothing
from tests.doors.scenario import CANARY, SHOWN, Item, World

KINDS = ("pdf", "epub", "html")
ON_DEVICE = ("public", "members", "full")  # audiences whose pages a device may keep unless the guidebook says otherwise


def words_in(kind: str, data: bytes) -> set[str]:
    """The canaries in a file, wherever in it they stand."""
    if kind == "pdf":
        with pypdfium2.PdfDocument(data) as document:
            pages = [page.get_textpage().get_text_range() for page in document]
            told = [*document.get_metadata_dict().values(), *(entry.get_title() for entry in document.get_toc())]
        # A word at the end of a line may be cut; a canary is shorter than a line.
        return set(CANARY.findall(" ".join([*pages, *told])))
    if kind == "epub":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            texts = [f"{name} {archive.read(name).decode('utf-8', 'replace')}" for name in archive.namelist()]
        return set(CANARY.findall(html.unescape(" ".join(texts))))
    return set(CANARY.findall(html.unescape(data.decode())))


def below(world: World, book: Item) -> list[Item]:
    """The chapters of a book of the scenario."""
    chapters = [item for item in world.pages("chapter") if item.thing.path.startswith(book.thing.path)]
    return [item for item in chapters if item.thing.pk != book.thing.pk]


def whole(name: str, book: Item, chapters: Iterable[Item]) -> set[str]:
    """All words of a book and of those of its chapters that a persona reads."""
    taken = [(book, ("title", "summary", "body", "heading", "edition"))]
    taken += [(item, SHOWN["chapter"]) for item in chapters if name in item.readers]
    return {item.words[what] for item, whats in taken for what in whats if what in item.words and what != "alt"}


def check_taken(
    world: World,
    people: Iterable[str] = ALL,
    books: Iterable[Item] | None = None,
    kinds: Iterable[str] = KINDS,
) -> None:
    """A guidebook goes in every form to who may open it, with the chapters that person may open, and no other word."""
    nothing = {name: Nothing(world, name) for name in people}
    for book in world.pages("guidebook") if books is None else books:
        chapters = below(world, book)
        for kind in kinds:
            path = f"/taken/{book.thing.pk}/{book.thing.slug}.{kind}"
            for name in people:
                label = f"{kind} of {book} for {name}"
                answer = world.clients[name].get(path)
                assert answer.status_code == (200 if name in book.readers else 404), f"{label}: {answer.status_code}"
                if answer.status_code == 404:
                    nothing[name].must_equal(answer, path, label)
                    continue
                found = words_in(kind, answer.content) & set(world.owners)
                more = {word for word in found if not world.may_know(name, word)}
                assert not more, f"{label} holds {world.told(more)}"
                missing = whole(name, book, chapters) - found
                assert not missing, f"{label} lacks {world.told(missing)}"
                if name != "anonymous":
                    assert answer["Cache-Control"] == "private, no-store"


def check_offline_copies(world: World, people: Iterable[str] = ALL, books: Iterable[Item] | None = None) -> None:
    """A copy for a device holds no word of a group's own pages, and goes to who may open the guidebook."""
    nothing = {name: Nothing(world, name) for name in people}
    for book in world.pages("guidebook") if books is None else books:
        chapters = [item for item in below(world, book) if not item.thing.access_key.startswith("group")]
        may_be_kept = book.thing.access_key in ON_DEVICE
        for name in people:
            path, label = f"/offline/{book.thing.pk}/", f"offline copy of {book} for {name}"
            answer = world.clients[name].get(path)
            opens = name in book.readers and may_be_kept
            assert answer.status_code == (200 if opens else 404), f"{label}: {answer.status_code}"
            assert world.clients[name].head(path).status_code == answer.status_code
            if not opens:
                nothing[name].must_equal(answer, path, label)
                continue
            found = words_in("html", answer.content) & set(world.owners)
            more = {
                word
                for word in found
                if not world.may_know(name, word) or world.owners[word][0].thing.access_key not in ON_DEVICE
            }
            assert not more, f"{label} holds {world.told(more)}"
            assert not (missing := whole(name, book, chapters) - found), f"{label} lacks {world.told(missing)}"
            assert answer["Cache-Control"] == "private, no-store"
            assert "script-src" not in answer["Content-Security-Policy"]
            assert "default-src 'none'" in answer["Content-Security-Policy"]
