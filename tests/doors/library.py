"""The doors beside the library's pages: editions, citations, exports, notes of those who tried it, reading lists.

Each check makes what it needs in the scenario, with words that stand nowhere else, inside the transaction of its test.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from core.editions import KINDS as WITH_EDITIONS
from core.editions import close_edition
from core.models import EditionPart
from hub import lists
from hub.models import ListedPage, ReadingList
from members.models import User
from resources.tried import TriedNote, digest_of
from tests import personas
from tests.doors.checks import DISTINCT, Nothing, check_nothing_more
from tests.doors.scenario import FULL, IN_GROUP, IN_LIBRARY, MEMBERS, STATES, Item, World

SORTS = (*DISTINCT, "lapsed", "lead")
"""One of the personas for each set of rights, and the lead of the group."""
OPEN = [state for state, how in STATES.items() if how.live and not how.below_draft]


def citable(world: World) -> list[Item]:
    """Published pages that can have editions."""
    items = world.pages("resource", "guidebook", "standard", aliases=False)
    return [item for item in items if item.state in OPEN and item.thing.get_kind() in WITH_EDITIONS]


def close_two(world: World, items: Iterable[Item]) -> dict[int, Item]:
    """Close an edition of each page when it was public, and one when it was for full members; names of the second."""
    named = {}
    for item in items:
        first, _new = close_edition(item.thing, "Edition 1, May 2026", 1)
        then = Item("edition", f"2 of {item}", item.readers & FULL)
        second, _new = close_edition(item.thing, f"Edition 2, {world.word(then, 'name')}", 2)
        for edition, key in ((first, "public"), (second, "full")):
            edition.parts.update(access_key=key)
            type(edition).objects.filter(pk=edition.pk).update(access_key=key)
        named[item.thing.pk] = then
    return named


def check_editions(world: World, people: Iterable[str] = SORTS, items: Iterable[Item] | None = None) -> None:
    """An edition, and each part of it, is for those who could read it when it was closed and may read page and part
    today; nothing is told to others."""
    items = citable(world) if items is None else list(items)
    named = close_two(world, items)
    parts = list(EditionPart.objects.filter(edition__number=1).exclude(address="").select_related("edition"))
    by_page = {item.thing.pk: item for item in world.pages()}
    for name in people:
        client, nothing = world.clients[name], Nothing(world, name)
        for item in items:
            then = named[item.thing.pk]
            for number, readers in ((1, item.readers), (2, then.readers)):
                path, label = f"/editions/{item.thing.pk}/{number}/", f"edition {number} of {item} for {name}"
                answer = client.get(path)
                assert answer.status_code == (200 if name in readers else 404), label
                check_nothing_more(world, name, answer, path)
                if name in readers:
                    assert item.words["body"] in world.seen(answer), label
                else:
                    nothing.must_equal(answer, path, label)
            page = client.get(item.url)
            check_nothing_more(world, name, page, item.url)
            assert (then.words["name"] in world.seen(page)) == (name in then.readers), f"editions on {item} for {name}"
        for part in parts:
            path = f"/editions/{part.edition.page_id}/1/{part.address}"
            chapter = by_page[part.page_id]
            answer = client.get(path)
            assert answer.status_code == (200 if name in chapter.readers else 404), f"{path} for {name}"
            check_nothing_more(world, name, answer, path)


def check_permanent_addresses(world: World, people: Iterable[str] = SORTS, items: Iterable[Item] | None = None) -> None:
    """The address to cite leads on only those who may know of the page."""
    for name in people:
        client, nothing = world.clients[name], Nothing(world, name)
        for item in world.pages("resource", "guidebook", "event", "group") if items is None else items:
            path = f"/editions/{item.thing.pk}/"
            answer = client.get(path)
            check_nothing_more(world, name, answer, path)
            knows = name in item.readers or item.teased
            if item.is_alias or item.state in ("nobody", "draft", "scheduled"):
                knows = name in item.readers and answer.status_code == 302
            assert answer.status_code == (302 if knows else 404), f"{path} of {item} for {name}"
            if not knows:
                nothing.must_equal(answer, path, f"the address of {item}")


def check_citations(world: World, people: Iterable[str] = SORTS, items: Iterable[Item] | None = None) -> None:
    """A citation goes to those who may open the page, and the edition."""
    items = citable(world) if items is None else list(items)
    named = close_two(world, items)
    for name in people:
        client = world.clients[name]
        for item in items:
            page = item.thing.pk
            for path, readers in (
                (f"/cite/{page}.bib", item.readers),
                (f"/cite/{page}/1.ris", item.readers),
                (f"/cite/{page}/2.txt", named[page].readers),
            ):
                answer = client.get(path)
                assert answer.status_code == (200 if name in readers else 404), f"{path} of {item} for {name}"
                check_nothing_more(world, name, answer, path)
        for item in list(world.pages("group", "plain", "chapter", "event"))[::3]:
            answer = client.get(f"/cite/{item.thing.pk}.bib")
            check_nothing_more(world, name, answer)


def titles_in(answer: Any) -> list[str]:
    """The titles of an exported table."""
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    return [row[0] for row in rows[1:]]


def check_exports(world: World, people: Iterable[str] = SORTS) -> None:
    """A file of the library or of a search holds what one may open, each once, and no teaser."""
    for name in people:
        client = world.clients[name]
        best: dict[int, Item] = {}
        for item in world.pages(*IN_LIBRARY, aliases=False):
            origin = id(item.version_of or item)
            if name in item.readers and (origin not in best or item.language == "en"):
                best[origin] = item
        wanted = sorted(item.words["title"] for item in best.values())
        answer = client.get("/search/export.csv?shelf=library")
        check_nothing_more(world, name, answer)
        assert sorted(titles_in(answer)) == wanted, f"{name} exports {world.told(set(titles_in(answer)) ^ set(wanted))}"
        for path in (
            "/search/export.bib?q=stands",
            "/search/export.ris?q=stands&kind=practice",
            "/de/search/export.csv",
        ):
            check_nothing_more(world, name, client.get(path), path)


def check_tried(world: World, people: Iterable[str] = SORTS, states: Iterable[str] = tuple(STATES)) -> None:
    """What members say of a practice is read by members who may read the practice, and by nobody else."""
    author = world.people["lead"]
    notes: list[tuple[Item, Item, TriedNote]] = []
    for number, state in enumerate(states):
        practice = world.one("resource", state)
        note = Item("note", f"on {practice}", practice.readers & MEMBERS)
        words = {field: world.word(note, field) for field in ("adaptation", "result", "harm")}
        made = TriedNote.objects.create(
            page_id=practice.thing.pk, user=author, by=digest_of(author), sent=f"s{number}", place="prison", **words
        )
        notes.append((practice, note, made))
    for name in people:
        client, nothing = world.clients[name], Nothing(world, name)
        for practice, note, made in notes:
            page = client.get(practice.url)
            check_nothing_more(world, name, page, practice.url)
            shown = set(note.words.values()) & world.seen(page)
            assert bool(shown) == (name in note.readers), f"{note} for {name}"
            write, path = f"/tried/{practice.thing.pk}/", f"/tried/{practice.thing.pk}/{made.pk}/"
            answers = {deed: client.get(path + deed) for deed in ("", "report/", "remove/")}
            answers["write"] = client.get(write)
            for deed, answer in answers.items():
                check_nothing_more(world, name, answer, path)
                if name == "anonymous":
                    assert answer.status_code == 302
                    continue
                may = {
                    "": name == "lead" and name in note.readers,
                    "report/": name in note.readers,
                    "remove/": name in note.readers
                    and (name == "secretariat" or (name == "lead" and practice.thing.working_group_id is not None)),
                    "write": name in note.readers and name != "secretariat",
                }[deed]
                assert answer.status_code == (200 if may else 404), f"{path}{deed} for {name}"
                if not may:
                    nothing.must_equal(answer, write if deed == "write" else path + deed, note)
            for deed in ("", "remove/"):
                if name not in ("lead", "secretariat"):
                    client.post(path + deed, {"delete": "1", "reason": "x"})
        assert TriedNote.objects.filter(removed_at=None).count() == len(notes), f"{name} took a note away"


def check_countries(world: World, people: Iterable[str] = SORTS) -> None:
    """Only members are told where a practice was tried; a country is named from three members on, and a note of one's
    own tells nothing of others."""
    practice = world.one("resource", "public")
    notes = TriedNote.objects.filter(page=practice.thing.pk)
    for name in people:
        notes.delete()
        own = "a stranger" if name == "anonymous" else digest_of(world.people[name])
        # In the order of writing: counted are all but one's own, so that Norway has two.
        wrote = [("KE", "1"), ("KE", "2"), ("KE", "3"), ("NO", "4"), ("NO", own), ("NO", "5"), ("PE", "6")]
        for country, by in wrote:
            TriedNote.objects.create(page_id=practice.thing.pk, by=by, sent=country, result="Well.", country=country)
        text = world.clients[name].get(practice.url).content.decode()
        told = {country for country in ("Kenya", "Norway", "Peru") if country in text}
        if name in MEMBERS:
            assert told == {"Kenya"}, f"countries named to {name}: {told}"
            assert "Tried in 3 countries" in text, f"number of countries for {name}"
        else:
            assert not told, f"countries named to {name}: {told}"
            assert "Tried in" not in text, f"number of countries for {name}"


def check_reading_lists(world: World, people: Iterable[str] = SORTS) -> None:
    """A list is its owner's alone; one that is shared shows each of the group what he or she may open."""
    group = world.groups[personas.GROUP]
    pages = list(world.pages("resource", "chapter", "event", aliases=False))[::2]
    own: dict[str, tuple[ReadingList, Item]] = {}
    for owner, person in world.people.items():
        if isinstance(person, User) and owner in SORTS:
            item = Item("list", f"of {owner}", IN_GROUP - {"secretariat"} if owner == "lead" else frozenset({owner}))
            reading = ReadingList.objects.create(
                user=person,
                title=world.word(item, "list_title"),
                note=world.word(item, "list_note"),
                group=group if owner == "lead" else None,
            )
            ListedPage.objects.bulk_create(
                [ListedPage(of_list=reading, page_id=page.thing.pk, position=n) for n, page in enumerate(pages)]
            )
            own[owner] = reading, item
    for name in people:
        client, nothing = world.clients[name], Nothing(world, name)
        readable = {page.words["title"] for page in pages if name in page.readers}
        for owner, (reading, item) in own.items():
            path = f"/account/lists/{reading.pk}/"
            for end in ("", "export/csv/", "export/bib/", "change/"):
                answer = client.get(path + end)
                check_nothing_more(world, name, answer, path)
                may = name in item.readers and (end != "change/" or name == owner)
                wanted = 302 if name == "anonymous" else 200 if may else 404
                assert answer.status_code == wanted, f"{path}{end} of {owner} for {name}"
                if not may:
                    assert not set(item.words.values()) & world.seen(answer)
                if wanted == 404:
                    nothing.must_equal(answer, path + end, item)
                if may and end in ("", "export/csv/"):
                    # Beside the items, menus and addresses hold titles that the reader may know.
                    titles = world.seen(answer) & {page.words["title"] for page in pages}
                    assert titles == readable, f"{path}{end} for {name}: {world.told(titles ^ readable)}"
                if may and end == "" and name != owner:
                    assert b"no longer open" not in answer.content
        mine = client.get("/account/lists/")
        if name != "anonymous":
            known = {reading.title for reading, item in own.values() if name in item.readers}
            titles = {word for word in world.seen(mine) if world.owners[word][1] == "list_title"}
            assert titles == known
        for page in pages[::9]:
            answer = client.get(f"/account/lists/save/?page={page.thing.pk}")
            check_nothing_more(world, name, answer)
            if name != "anonymous":
                assert answer.status_code == (200 if name in page.readers else 404)
        for owner, (reading, _item) in own.items():  # last: what is said after a deed stands on the next page
            if name != owner:
                client.post(f"/account/lists/{reading.pk}/items/{reading.items.all()[0].pk}/", {"remove": "1"})
                client.post(f"/account/lists/{reading.pk}/change/", {"title": "Taken"})
                client.post(f"/account/lists/{reading.pk}/delete/")
    for reading, _item in own.values():
        again = ReadingList.objects.get(pk=reading.pk)
        assert (again.title, again.items.count()) == (reading.title, len(pages))
    assert lists.own_lists(world.people["full"]) == [own["full"][0]]
