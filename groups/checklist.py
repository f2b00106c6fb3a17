"""What a page needs before it is sent to review, in words for whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.blocks import StreamValue
from wagtail.blocks.list_block import ListValue
from wagtail.fields import StreamField

from core.access import FULL, MEMBERS, NOBODY, PUBLIC, audience_of
from core.desk import desk_now
from core.kinds import LIBRARY_KINDS
from core.models import HubPage
from members.models import WorkingGroup, in_language, today

EVENTS = ("webinar", "meeting", "training")


@dataclass(frozen=True)
class Check:
    """One line of the list: what is asked, and what is missing; nothing missing means done."""

    name: str
    missing: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def checks_of(page: HubPage, on: date | None = None) -> list[Check]:
    """The list for the latest version of a page.

    Chapters take summary, topics and the date from their book. Events are over some day and need no date.

    Args:
        page: As it would go live (``get_latest_revision_as_object``).
        on: The day after which the date to review it by has to lie (default: today in UTC).
    """
    found = [
        Check(_("All that has to be filled in is there"), tuple(gaps(page))),
        Check(_("Every picture says what it shows"), tuple(pictures_without_words(page))),
    ]
    if page.kind in LIBRARY_KINDS:
        summary = () if page.summary.strip() else (_("Write a summary: two or three sentences."),)
        topics = (
            ()
            if page.topics_of_page.exists() or page.topics.exists()
            else (_("Choose one topic or more, under “Subject and files”."),)
        )
        found += [Check(_("There is a summary"), summary), Check(_("There are topics"), topics)]
    if page.kind in LIBRARY_KINDS and page.kind not in EVENTS:
        missing: tuple[str, ...] = ()
        if page.review_by is None:
            missing = (_("Set the day by which it has to be looked at again, under “Readers and dates”."),)
        elif page.review_by <= (on or today()):
            missing = (_("The day by which it has to be looked at again has gone by. Set a later one."),)
        found.append(Check(_("There is a day to review it by"), missing))
    return found


def gaps(page: HubPage) -> Iterator[str]:
    """What Wagtail would refuse of the page, with the field's name: drafts may be saved with gaps."""
    try:
        page.full_clean()
    except ValidationError as error:
        for name, problems in error.message_dict.items():
            for problem in problems:
                yield f"{label_of(page, name)}: {problem}"
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            value = getattr(page, field.name)
            try:
                field.stream_block.clean(value)
            except ValidationError as error:
                for problem in dict.fromkeys(leaves(error)):
                    yield f"{label_of(page, field.name)}: {problem}"


def leaves(error: ValidationError) -> Iterator[str]:
    """The words in an error of blocks within blocks."""
    block_errors = getattr(error, "block_errors", None)
    if block_errors:
        inner = block_errors.values() if isinstance(block_errors, Mapping) else block_errors
        for problem in inner:
            if problem is not None:
                yield from leaves(problem)
    else:
        yield from error.messages
    own = getattr(error, "non_block_errors", None)
    yield from (own.as_data() and [message for each in own.as_data() for message in each.messages]) if own else ()


def label_of(page: HubPage, name: str) -> str:
    """What a field is called in the editor."""
    if name in {field.name for field in page._meta.get_fields()}:
        return capfirst(str(getattr(page._meta.get_field(name), "verbose_name", name)))
    return _("The page")


def pictures_without_words(page: HubPage) -> Iterator[str]:
    """Pictures of the text that neither say what they show nor are marked as decoration."""
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            for picture in figures(getattr(page, field.name)):
                if picture.get("image") and not (str(picture.get("alt") or "").strip() or picture.get("decorative")):
                    yield _("Say what “%(picture)s” shows, or mark it as decoration.") % {
                        "picture": name_of(picture["image"])
                    }


def name_of(image: Any) -> str:
    """What a picture is called; without its name for somebody at a desk who may not know it."""
    desk = desk_now()
    return str(image) if desk is None or desk.knows_file(image) else _("A picture")


def figures(value: Any) -> Iterator[Mapping[str, Any]]:
    """All pictures of a text, those in boxes and steps too."""
    if isinstance(value, StreamValue):
        for child in value:
            yield from figures(child.value)
    elif isinstance(value, ListValue):
        for item in value:
            yield from figures(item)
    elif isinstance(value, Mapping):
        if "decorative" in value:
            yield value
        else:
            for part in value.values():
                yield from figures(part)


def audience_in_words(page: HubPage) -> str:
    """Who will be able to read a page once it is live, and who these people are."""
    readers = readers_in_words(page)
    teaser = _("Its title and summary are shown to everyone.")
    return f"{readers} {teaser}" if page.teaser else readers


def readers_in_words(page: HubPage) -> str:
    """The same for the page as a whole."""
    key = page.standing_key
    if key == PUBLIC:
        return _("Everyone: anybody on the internet, found by search engines too.")
    if key == MEMBERS:
        return _("Members: everybody whose membership of the network is current, in any working group or none.")
    if key == FULL:
        return _("Full members: people and organisations who do exit and disengagement work themselves.")
    if key == NOBODY:
        return _("Nobody but the secretariat: two working groups claim it. Ask the secretariat.")
    audience, number = audience_of(key)
    group = WorkingGroup.objects.filter(pk=number or 0).first()
    name = in_language(group, "name") if group is not None else _("the working group")
    if audience == "group_full":
        return _("Full members in “%(group)s”: nobody else in the network.") % {"group": name}
    return _("“%(group)s”: the people in this working group, nobody else in the network.") % {"group": name}
