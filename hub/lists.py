"""Reading lists: what is in them for whom, and the few deeds that change them.

A list is its owner's alone. One that is shared is shown to those who are in the working group today, as long as its
owner is too; they see of it what they may open, and nothing tells them that there is more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils.translation import gettext as _

from core.access import Viewer
from core.cards import Card, cards_of
from core.listing import clean
from core.models import HubPage
from hub.models import ListedPage, ReadingList
from members.models import Participation, User, WorkingGroup, today
from members.rights import members_on, running

MOST_LISTS = 100
"""Lists one person can keep."""
MOST_ITEMS = 500
"""Items in one list."""


class TooMany(ValueError):
    """There are as many lists, or items in the list, as there can be; the message says so in words for the reader."""


@dataclass(frozen=True)
class Line:
    """One item of a list as one reader sees it; without a card it is one that its owner can no longer open."""

    item: ListedPage
    card: Card | None


def own_lists(user: User) -> list[ReadingList]:
    """The lists of a person; one query."""
    return list(ReadingList.objects.filter(user=user).select_related("group"))


def shared_with(user: User, viewer: Viewer) -> list[ReadingList]:
    """What others share with the working groups of this viewer, as far as they are still in the group; one query."""
    if not viewer.groups:
        return []
    shared = shared_lists().filter(group__in=sorted(viewer.groups)).exclude(user=user)
    return list(shared.select_related("group", "user"))


def shared_lists() -> QuerySet[ReadingList]:
    """The lists that are shared today: their owners are members, and in the group."""
    on = today()
    there = Participation.objects.filter(running(on), user=OuterRef("user"), group=OuterRef("group"))
    return ReadingList.objects.filter(Exists(there), members_on(on, "user"), user__is_active=True)


def is_shared(reading: ReadingList) -> bool:
    """Whether it is shared today."""
    return reading.group_id is not None and shared_lists().filter(pk=reading.pk).exists()


def list_for(user: User, viewer: Viewer, pk: int) -> ReadingList | None:
    """A list this person may read; None for others' as for what is not there. Nobody's rank opens a list."""
    found = ReadingList.objects.select_related("group", "user").filter(pk=pk).first()
    if found is None or found.user_id == user.pk:
        return found
    return found if found.group_id in viewer.groups and is_shared(found) else None


def lines_of(reading: ReadingList, viewer: Viewer, *, owner: bool) -> list[Line]:
    """What is in a list for this viewer. Only its owner is told that there is something he or she cannot open now."""
    items = list(reading.items.all())
    pages = pages_of(items, viewer)
    cards = dict(zip(pages, cards_of(list(pages.values()), viewer), strict=True))
    lines = [Line(item, cards.get(item.page_id)) for item in items]
    return lines if owner else [line for line in lines if line.card is not None]


def pages_of(items: Iterable[ListedPage], viewer: Viewer) -> dict[int, HubPage]:
    """The pages of items that the viewer may open, in the order of the items; one query."""
    items = list(items)
    found = HubPage.objects.visible_to(viewer).for_cards().in_bulk([item.page_id for item in items])
    return {item.page_id: found[item.page_id] for item in items if item.page_id in found}


# Deeds ---------------------------------------------------------------------------------------------


def groups_of(viewer: Viewer) -> QuerySet[WorkingGroup]:
    """The working groups with which this viewer can share a list."""
    return WorkingGroup.objects.filter(pk__in=sorted(viewer.groups))


def make_list(user: User, title: str, note: str = "") -> ReadingList:
    """A list of this title; the one that is there already, if there is one.

    Raises:
        TooMany: the person keeps as many as one can.
    """
    title = clean(title, 120) or _("Bookmarks")
    known = ReadingList.objects.filter(user=user, title=title).first()
    if known is not None:
        return known
    if ReadingList.objects.filter(user=user).count() >= MOST_LISTS:
        raise TooMany(
            _("You keep %(number)d lists, which is as many as one can. Delete one, or use one you have.")
            % {"number": MOST_LISTS}
        )
    made, _is_new = ReadingList.objects.get_or_create(user=user, title=title, defaults={"note": note})
    return made


def put(reading: ReadingList, page: HubPage, line: str = "") -> bool:
    """Put a page at the end of a list; whether it is new there. A line that is given takes the place of the one before.

    Raises:
        TooMany: the list is full.
    """
    line = clean(line, 300)
    known = reading.items.filter(page=page.pk).first()
    if known is None:
        if reading.items.count() >= MOST_ITEMS:
            raise TooMany(
                _("This list has %(number)d items, which is as many as it can hold. Choose another list.")
                % {"number": MOST_ITEMS}
            )
        last = reading.items.aggregate(last=Max("position"))["last"] or 0
        known, is_new = ListedPage.objects.get_or_create(
            of_list=reading, page_id=page.pk, defaults={"line": line, "position": last + 1}
        )
        if is_new:
            return True
    if line:
        known.line = line
        known.save(update_fields=["line"])
    return False


def move(item: ListedPage, step: int) -> None:
    """Move an item one place up (-1) or down (1); at the end of the list nothing happens."""
    with transaction.atomic():
        items = list(item.of_list.items.all())
        place = next(number for number, each in enumerate(items) if each.pk == item.pk)
        other = place + step
        if not 0 <= other < len(items):
            return
        items[place], items[other] = items[other], items[place]
        for number, each in enumerate(items, start=1):
            each.position = number
        ListedPage.objects.bulk_update(items, ["position"])
