"""Closing an edition of a page, and who may read what of it.

Two rules hold together, for the edition and for each part of it: who could read it when it was closed, and who may
read the page today. So an edition is never more open than either, whatever was opened or closed since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core import lines
from core.access import NOBODY, Viewer, can_see, fold, visible
from core.models import Edition, EditionPart, HubPage
from core.models.generation import Generation

KINDS = ("guidebook", "practice", "tool", "lesson", "research", "insight", "standard")
"""Kinds of pages that can have editions."""
MOST_EDITIONS = 200
"""Editions of one page."""


@dataclass(frozen=True)
class Step:
    """One part of an edition in its contents, as one reader sees them: numbered without gaps."""

    number: str
    title: str
    summary: str
    address: str
    depth: int


def close_edition(page: HubPage, name: str, number: int, user: Any = None) -> tuple[Edition, bool]:
    """Keep the text of a page, and of all below it, as it is published now. Returns the edition and whether it is new.

    Args:
        name: As it is cited, such as "Edition 2, May 2027"; up to 60 characters.
        number: The number it gets: one more than the last. The same number sent twice makes one edition.

    Raises:
        ValidationError: The page is not published or of a kind without editions, the name is empty, or the number is
            not the next one.
    """
    name = " ".join(name.split())
    with transaction.atomic():
        lines.lock()
        known = Edition.objects.filter(page=page.pk, number=number).first()
        if known is not None and known.name == name:
            return known, False
        page = HubPage.objects.get(pk=page.pk).specific
        if page.get_kind() not in KINDS or page.alias_of_id:
            raise ValidationError(_("Only guidebooks, items of the library and standards have editions."))
        if not page.live or page.access_key == NOBODY:
            raise ValidationError(_("Publish the page first: an edition keeps what is published."))
        if not name:
            raise ValidationError({"name": _("Give the edition a name.")})
        if len(name) > 60:
            raise ValidationError({"name": _("The name has more than 60 characters.")})
        if number != next_number(page):
            raise ValidationError(_("Somebody else has closed an edition in the meantime. Look at it first."))
        if number > MOST_EDITIONS:
            raise ValidationError(_("This page has as many editions as one can have."))
        edition = Edition.objects.create(
            page_id=page.pk,
            number=number,
            name=name,
            title=page.title,
            summary=page.summary,
            authors=page.cited().get("authors", ""),
            access_key=page.access_key,
            closed_by=user,
        )
        EditionPart.objects.bulk_create(parts_of(page, edition))
        Generation.raise_it()
    return edition, True


def parts_of(page: HubPage, edition: Edition) -> list[EditionPart]:
    """The parts of a new edition: what is published now, in reading order."""
    below = HubPage.objects.filter(lines.subtree(page.path, inclusive=False)).live().exclude(access_key=NOBODY)
    pages = [page, *below.order_by("path").specific()]
    prefix = {page.path: ""}
    parts: list[EditionPart] = []
    for each in pages:
        if each.path != page.path:
            above = prefix.get(each.path[: -lines.STEP])
            if above is None:
                continue  # what stands above it is no part of the book
            prefix[each.path] = f"{above}{each.slug}/"
        parts.append(
            EditionPart(
                edition=edition,
                page_id=each.pk,
                position=len(parts),
                depth=(len(each.path) - len(page.path)) // lines.STEP,
                address=prefix[each.path],
                title=each.title,
                summary=each.summary,
                body=each.frozen_body(),
                access_key=each.access_key,
            )
        )
    return parts


def next_number(page: HubPage) -> int:
    """The number of the edition that would be closed next."""
    last = Edition.objects.filter(page=page.pk).order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def withdraw(edition: Edition) -> None:
    """Take an edition away for good, such as one that does harm. Its number stays used, so that no address gets
    another text."""
    with transaction.atomic():
        edition.parts.all().delete()
        edition.title, edition.summary, edition.authors, edition.access_key = "", "", "", NOBODY
        edition.save()
        Generation.raise_it()


def take_back(page: int) -> None:
    """Erase the text of one page from all editions so far: it named somebody, or was wrong in a way that does harm.

    A chapter is closed in them; of the page itself the title stays, since the other parts stand below it.
    """
    with transaction.atomic():
        parts = EditionPart.objects.filter(page=page)
        parts.update(summary="", body=[])
        parts.filter(depth__gt=0).update(access_key=NOBODY)
        Edition.objects.filter(page=page).update(summary="")
        Generation.raise_it()


# Reading -------------------------------------------------------------------------------------------


def editions_for(page: HubPage, viewer: Viewer) -> list[Edition]:
    """The editions of a page that the viewer may open, who may open the page, the oldest first; one query."""
    editions = Edition.objects.filter(visible(viewer), page=page.pk).exclude(access_key=NOBODY)
    return list(editions.order_by("number"))


def edition_for(viewer: Viewer, page: int, number: int) -> tuple[Edition, HubPage, list[Edition]] | None:
    """An edition with its page and all editions this viewer may open, in two queries; None where it is not for him."""
    now = HubPage.objects.visible_to(viewer).for_cards().filter(pk=page).first()
    if now is None:
        return None
    editions = editions_for(now, viewer)
    edition = next((each for each in editions if each.number == number), None)
    return (edition, now, editions) if edition is not None else None


def parts_for(edition: Edition, viewer: Viewer) -> list[EditionPart]:
    """The parts this viewer may open, in reading order, without their texts; one query.

    A part below one that is closed is closed with it, as pages are.
    """
    told = edition.parts.filter(visible(viewer)).exclude(access_key=NOBODY)
    parts = told.select_related("page").defer("body").order_by("position")
    open_parts: list[EditionPart] = []
    addresses: set[str] = set()
    for part in parts:
        now = part.page
        may = now is None or (now.live and can_see(viewer, now))
        above = part.address.rstrip("/").rpartition("/")[0]
        if may and (not part.address or (f"{above}/" if above else "") in addresses):
            addresses.add(part.address)
            open_parts.append(part)
    return open_parts


def contents(parts: list[EditionPart]) -> list[Step]:
    """The contents of an edition, numbered as this reader sees them, without the page itself."""
    counts: dict[str, int] = {}
    numbers = {"": ""}
    steps: list[Step] = []
    for part in parts:
        if not part.address:
            continue
        above = part.address.rstrip("/").rpartition("/")[0]
        above = f"{above}/" if above else ""
        counts[above] = counts.get(above, 0) + 1
        numbers[part.address] = f"{numbers[above]}.{counts[above]}".lstrip(".")
        steps.append(Step(numbers[part.address], part.title, part.summary, part.address, part.depth))
    return steps


def before_delete(sender: Any, instance: Any, **kwargs: Any) -> None:
    """A page that goes leaves its text in the editions of its book, as closed as it was at its end."""
    if not isinstance(instance, HubPage):
        return
    parts = list(EditionPart.objects.filter(Q(page=instance.pk)).only("pk", "access_key"))
    row = HubPage.objects.filter(pk=instance.pk).values("live", "access_key").first() if parts else None
    key = row["access_key"] if row and row["live"] else NOBODY
    for part in parts:
        part.access_key = fold(part.access_key, key)
    EditionPart.objects.bulk_update(parts, ["access_key"])
