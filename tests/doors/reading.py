"""What readers keep of chapters, and what changed in them, tried as every sort of visitor.

Every persona has read every published chapter and written a note on it, as if all had been open to all once. What
stood in it then, what was taken back, what is only a draft and what a note says are words of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from core.models import HubPage
from guidebooks.models import ChapterPage, PrivateNote, Reading, Version
from members.models import User
from tests import personas
from tests.doors.checks import ALL, DISTINCT, Nothing, check_nothing_more, plain
from tests.doors.scenario import FULL, Item, World

NOTE = "note"  # the kind of thing that only one person may know


def keep(world: World) -> None:
    """Give every persona a reading of, and a note on, every published chapter; then change the chapters."""
    notes = {name: Item(NOTE, f"of {name}", frozenset({name})) for name in personas.NAMES}
    for item in notes.values():
        world.word(item, "note")
    for item in published_chapters(world):
        # Of the chapters below the books an editor takes back what stood there, of the others not.
        taken_back = item.state.startswith("below")
        was = world.word(item, "taken back" if taken_back else "old")
        publish(item, [{"type": "paragraph", "id": "0ld", "value": f"<p>Here stood {was}.</p>"}])
        page, version = HubPage.objects.get(pk=item.thing.pk), Version.objects.filter(page=item.thing).first()
        people = [(name, person) for name, person in world.people.items() if isinstance(person, User)]
        shared: dict[str, Any] = {"page": page, "access_key": page.access_key}
        Reading.objects.bulk_create(
            [Reading(user=person, version=version, read_at=timezone.now(), **shared) for _name, person in people]
        )
        PrivateNote.objects.bulk_create(
            PrivateNote(user=person, block="0ld", anchor="b-0ld", text=notes[name].words["note"], words=was, **shared)
            for name, person in people
        )
        publish(item, [], change_note=f"Changed {world.word(item, 'change')}.", change_withdraws=taken_back)
        draft = ChapterPage.objects.get(pk=item.thing.pk)
        draft.title, draft.change_note = world.word(item, "pending"), item.words["pending"]
        draft.save_revision()


def published_chapters(world: World) -> Iterator[Item]:
    """Chapters that somebody may read."""
    return (item for item in list(world.pages("chapter", aliases=False)) if item.thing.live and item.readers)


def publish(item: Item, more: list[dict[str, Any]], **fields: Any) -> None:
    """Publish a chapter through a revision, with more blocks than its own."""
    page = ChapterPage.objects.get(pk=item.thing.pk)
    page.body = [*(block for block in page.body.raw_data if block["id"] != "0ld"), *more]
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision().publish()


# Checks --------------------------------------------------------------------------------------------


def check_marks(world: World, people: Iterable[str] = ALL, items: Iterable[Item] | None = None) -> None:
    """Old words come back for those who could read them all the time; what was taken back, for nobody."""
    items = list(published_chapters(world) if items is None else items)
    for name in people:
        for item in items:
            answer, label = world.clients[name].get(f"{item.url}?changes"), f"changes in {item} for {name}"
            check_nothing_more(world, name, answer, f"{item.url}?changes")
            if name not in item.readers:
                if item.teased:
                    continue  # title and summary: check_pages looks at those
                absent = item.url.rstrip("/").rpartition("/")[0] + "/nothing-is-here/"
                assert answer.status_code == 404, label
                assert asked_for_changes(world, name, item.url) == asked_for_changes(world, name, absent), label
                continue
            seen = world.seen(answer)
            assert answer.status_code == 200, label
            if "old" in item.words:
                assert (item.words["old"] in seen) == (name != "anonymous" and can_hold(item, name)), label


def asked_for_changes(world: World, name: str, url: str) -> Any:
    """What a persona is answered at an address with ``?changes``, the address taken out."""
    status, text, *rest = plain(world.clients[name].get(f"{url}?changes"), f"{url}?changes")
    return status, text.replace(url, ""), rest


def can_hold(item: Item, name: str) -> bool:
    """Whether a persona could read the chapter all the time since; nobody can what stands below a draft."""
    return item.state != "nobody"


def check_changes(world: World, people: Iterable[str] = DISTINCT) -> None:
    """The history of a chapter, and of its book, is told to its readers; of what was closed then, to those who could
    read it with the rights of today."""
    chapter = world.one("chapter", "public")
    then = Item("version", "before it was opened", FULL)
    Version.objects.create(
        page=HubPage.objects.get(pk=chapter.thing.pk),
        at=timezone.now(),
        note=f"Changed {world.word(then, 'closed change')}.",
        access_key="full",
    )
    for name in people:
        nothing = Nothing(world, name)
        for item in world.pages("chapter", "guidebook", "resource", aliases=False):
            path, label = f"/changes/{item.thing.pk}/", f"history of {item} for {name}"
            answer = world.clients[name].get(path)
            check_nothing_more(world, name, answer, path)
            if name not in item.readers or item.kind == "resource":
                assert answer.status_code == 404, label
                nothing.must_equal(answer, path, label)
                continue
            assert answer.status_code == 200, label
            told = {word for word in world.seen(answer) if world.owners[word][1] == "change"}
            if item is chapter:
                assert (then.words["closed change"] in world.seen(answer)) == (name in then.readers), label
            if item.kind == "chapter":
                assert told == {item.words["change"]}, label
            else:
                below = [each for each in published_chapters(world) if each.thing.path.startswith(item.thing.path)]
                assert told == {each.words["change"] for each in below if name in each.readers}, label


def check_read(world: World, people: Iterable[str] = DISTINCT, items: Iterable[Item] | None = None) -> None:
    """What one may not open can be neither noted as read nor written on; who reads is in no answer."""
    for name in people:
        client, nothing = world.clients[name], Nothing(world, name)
        for item in world.pages("chapter", aliases=False) if items is None else items:
            for path in (f"/account/reading/{item.thing.pk}/", f"/account/notes/on/{item.thing.pk}/"):
                answers = [client.get(path), client.post(path, {"digest": "x", "place": "b-0ld", "text": "x" * 2001})]
                for answer in answers:
                    check_nothing_more(world, name, answer, path)
                    if name == "anonymous":
                        assert answer.status_code == 302, f"{path} for {name}"
                        assert answer.url.startswith("/accounts/login/"), f"{path} for {name}"
                    elif name in item.readers:
                        assert answer.status_code in (200, 302), f"{path} for {name}"
                    else:
                        nothing.must_equal(answer, path, f"{path} of {item}")


def check_notes(world: World, people: Iterable[str] = ("lapsed", *DISTINCT)) -> None:
    """A note is its owner's alone, the secretariat included, wherever notes or readings are listed or taken away."""
    for name in people:
        client, own = world.clients[name], set()
        for path in ("/account/notes/", "/account/notes/export/json/", "/account/notes/export/txt/"):
            answer = client.get(path)
            check_nothing_more(world, name, answer, path)
            own |= {word for word in world.seen(answer) if world.owners[word][0].kind == NOTE}
        check_nothing_more(world, name, client.get("/account/reading/"), "/account/reading/")
        assert len(own) == (name != "anonymous"), f"notes of {name}"
        for note in PrivateNote.objects.select_related("user").distinct().order_by("user", "pk"):
            is_own = world.people[name] == note.user
            if not is_own and note.pk % 5:
                continue  # a part of the others' is enough
            path = f"/account/notes/{note.pk}/"
            answer = client.get(path)
            check_nothing_more(world, name, answer, path)
            wanted = 200 if is_own else 302 if name == "anonymous" else 404
            assert answer.status_code == wanted, f"a note of {note.user_id} for {name}"
            if not is_own:
                assert client.post(path, {"text": "taken"}).status_code == wanted
                assert client.post(f"{path}delete/").status_code == 302
                assert PrivateNote.objects.filter(pk=note.pk).get().text == note.text
