"""What people of the demo have done in the hub that ``fill`` loads: all that pages show of members, readers and leads.

Marek (``full``) keeps and gives, Salma (``groupmember``) is in the group with which he shares, Wanjiru (``lead``) leads
it. What is done here is done through the hub's own functions, as its forms do it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.editions import close_edition
from core.models import HubPage
from groups import joining
from groups.records import Contribution, Suggestion
from groups.suggesting import parts_of, quote_of
from guidebooks.models import ChapterPage
from guidebooks.reading import notes
from guidebooks.reading.readings import note_read
from guidebooks.reading.versions import Text
from hub import lists, reads, saved
from hub.models import ReadingList
from members.demo import DEMO_DOMAIN
from members.models import User, WorkingGroup, today
from resources.tried import TriedNote, digest_of, new_sent

GROUP = "family-and-community"
BOOK = "the-first-ten-conversations"
READ = "doubt"
"""The chapter that was read, written on and then changed."""


def do_all() -> None:
    """Everything, in a hub in which nobody has done anything yet."""
    read_and_write_in_a_chapter(person("full"))
    close_editions()
    keep_lists(person("full"), person("groupmember"))
    try_practices(person("full"), person("groupmember"))
    give(person("full"))
    ask_to_join()
    count_reads()


def person(account: str) -> User:
    """Somebody of the demo."""
    return User.objects.get(email=f"{account}@{DEMO_DOMAIN}")


def page(slug: str) -> Any:
    """An English page of the demo."""
    return HubPage.objects.get(slug=slug, locale__language_code="en", alias_of=None).specific


def read_and_write_in_a_chapter(reader: User) -> None:
    """A note, a bookmark, and a note whose paragraph goes; then the chapter changes."""
    chapter = page(READ)
    places = [place for place in notes.places_of(chapter) if place.kind == "paragraph"]
    for place, text in ((places[0], "Ask the team about this."), (places[1], ""), (places[-1], "Try it on Monday.")):
        notes.keep(reader, chapter, place.anchor, text)
    assert note_read(reader, chapter, Text.of_page(chapter).digest)
    gone = places[-1].block
    blocks = [dict(block) for block in chapter.body.raw_data if block["id"] != gone]
    first = next(block for block in blocks if block["id"] == places[0].block)
    first["value"] = first["value"].replace("</p>", " Take your time with it.</p>", 1)
    publish(chapter, blocks, change_note="A sentence about time, and a paragraph less.")


def publish(chapter: ChapterPage, blocks: list[dict[str, Any]], **fields: Any) -> None:
    """Publish a chapter with these blocks."""
    chapter.body = blocks
    for name, value in fields.items():
        setattr(chapter, name, value)
    chapter.save_revision().publish()


def close_editions() -> None:
    """Two editions of a practice, one of a book with its chapters."""
    close_edition(page("parents-first-call"), "Edition 1, May 2026", 1)
    close_edition(page("parents-first-call"), "Edition 2, November 2026", 2)
    close_edition(page(BOOK), "Edition 1, May 2026", 1)


def keep_lists(owner: User, sharing: User) -> None:
    """A list of one's own with two items, and one that somebody shares with the group."""
    own = lists.make_list(owner, "For the next team day", "What we read before we meet.")
    shared = lists.make_list(sharing, "For new people in the group")
    for reading in (own, shared):
        lists.put(reading, page("parents-first-call"), "Start with this.")
        lists.put(reading, page(READ))
    ReadingList.objects.filter(pk=shared.pk).update(group=WorkingGroup.objects.get(slug=GROUP))
    saved.save(owner, "q=parents&kind=practice", "Practices about parents", "daily")


def try_practices(outside: User, inside: User) -> None:
    """Notes on an open practice and on one of the group's own; one of each is reported."""
    for user, slug, reported in (
        (outside, "parents-first-call", ""),
        (inside, "parents-first-call", "It names a town."),
        (inside, "brothers-and-sisters", "It names a street."),
    ):
        TriedNote.objects.create(
            page_id=page(slug).pk,
            user=user,
            by=digest_of(user),
            sent=new_sent(),
            place="prison",
            adaptation="We met in the visiting room.",
            result="Two of three families called again.",
            harm="One father felt judged.",
            country="TN",
            reported_because=reported,
        )


def give(giver: User) -> None:
    """Suggestions to a page of the group and to another, one of them answered, and a practice note that waits."""
    for slug, state, answer in (
        (READ, Suggestion.State.WAITING, ""),
        ("who-calls", Suggestion.State.WAITING, ""),
        ("the-small-signs", Suggestion.State.TAKEN, "Thank you, it stands there now."),
    ):
        parts = parts_of(page(slug))
        block = next(iter(parts))
        Suggestion.objects.create(
            giver=giver,
            page=HubPage.objects.get(pk=page(slug).pk),
            block=block,
            quote=quote_of(parts, block),
            words="Say whom one can call at night.",
            state=state,
            answer=answer,
            answered_at=timezone.now() if answer else None,
        )
    Contribution.objects.create(giver=giver, kind=Contribution.Kind.PRACTICE, title="A call after the first meeting")


def ask_to_join() -> None:
    """Somebody asks the group's leads, and somebody was told that it is not possible now."""
    group = WorkingGroup.objects.get(slug=GROUP)
    joining.ask(person("seat"), group, "I work with families in two towns.")
    joining.ask(person("student"), group, "I write my thesis about families.")
    request = group.join_requests.get(user=person("student"))
    joining.refuse(request, "Come back when you have finished.", "Not in practice yet.")


def count_reads() -> None:
    """Last week people came to a page of the group by a search."""
    last_week = today() - timedelta(weeks=1)
    for _time in range(reads.SEEN_FROM + 2):
        reads.note(page("who-calls").pk, ["parents"], last_week)
    reads.count(today())
