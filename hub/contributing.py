"""Practice notes and events that members propose from the front end: drafts in the right group's queue."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.log_actions import log

from core.access import Audience, Viewer
from core.facets import topic_is_carried
from core.models import HubPage, Topic
from events.models import EventIndexPage, EventPage
from groups.appointing import in_years
from groups.circle import homes_for
from groups.life import reviews_of
from groups.records import Contribution
from groups.submissions import Submission
from groups.submitting import NotReady, send
from groups.suggesting import is_too_many
from members.models import User, WorkingGroup, in_language, today
from resources.models import ResourceIndexPage, ResourcePage

logger = logging.getLogger(__name__)

SECTIONS: dict[str, type[HubPage]] = {
    Contribution.Kind.PRACTICE: ResourceIndexPage,
    Contribution.Kind.EVENT: EventIndexPage,
}

REVIEW_AFTER = 2
"""Years after which a practice note is to be looked at again, unless its group says otherwise."""


class TooMany(ValueError):
    """Nothing was kept: the person has sent as many as one can in a day. The message says so."""


def group_choices(viewer: Viewer) -> list[tuple[str, str]]:
    """The groups somebody can offer something to, his or her own first: those whose page he or she may open."""
    groups: list[WorkingGroup] = [home.working_group for home in homes_for(viewer)]
    groups.sort(key=lambda group: (group.pk not in viewer.groups, in_language(group, "name").casefold()))
    return [(group.slug, in_language(group, "name")) for group in groups]


def topic_choices(viewer: Viewer) -> list[tuple[str, Any]]:
    """The topics somebody can choose, by broad topic: those that pages he or she may open carry. In one query."""
    topics = list(Topic.objects.filter(topic_is_carried(viewer)))
    below: dict[int, list[Topic]] = {}
    for topic in topics:
        if topic.parent_id is not None:
            below.setdefault(topic.parent_id, []).append(topic)
    broad = [topic for topic in topics if topic.parent_id is None]
    return [(topic.label, [(each.slug, each.label) for each in (topic, *below.get(topic.pk, []))]) for topic in broad]


def queue_of(kind: str, slug: str, viewer: Viewer) -> HubPage:
    """The page below which a draft is made: the group's own, or the secretariat's section.

    Raises:
        LookupError: there is no group of this short name whose page the person may open.
    """
    if slug:
        home: HubPage | None = homes_for(viewer).filter(working_group__slug=slug).first()
        if home is None:
            raise LookupError(slug)
        return home
    return SECTIONS[kind].objects.get(locale__language_code=settings.LANGUAGE_CODE, depth=3, alias_of=None)


def paragraphs(text: str) -> list[tuple[str, str]]:
    """Plain text as blocks of a body, cut at empty lines; markup is shown as it was typed."""
    parts = (" ".join(part.split()) for part in text.replace("\r\n", "\n").split("\n\n"))
    return [("paragraph", f"<p>{escape(part)}</p>") for part in parts if part]


def practice(given: dict[str, Any]) -> ResourcePage:
    """The page of a practice note, not saved."""
    return ResourcePage(
        title=given["title"],
        summary=given["summary"],
        resource_kind="practice",
        for_whom=given["for_whom"],
        risks=given["risks"],
        body=paragraphs(given["text"]),
        review_by=in_years(today(), REVIEW_AFTER),
    )


def event(given: dict[str, Any]) -> EventPage:
    """The page of a proposed event, not saved."""
    return EventPage(
        title=given["title"],
        summary=given["summary"],
        event_kind=given["event_kind"],
        starts_at=given["starts_at"],
        time_zone=given["time_zone"],
        duration_minutes=given["minutes"],
        body=paragraphs(given["text"]),
    )


MAKERS = {Contribution.Kind.PRACTICE: practice, Contribution.Kind.EVENT: event}


@transaction.atomic
def offer(
    kind: str, given: dict[str, Any], giver: User, viewer: Viewer, *, key: UUID, now: datetime | None = None
) -> Contribution:
    """Make a draft of what a member offers, and hand it to the workflow where there is one. Sent twice, it is one.

    Args:
        given: What the form asked for, checked; ``group`` is a short name, empty for the secretariat.
        key: The key the form carried.

    Raises:
        TooMany: the person has sent as many as one can in a day.
        LookupError: the group is not there for this person.
        ValidationError: the page's own rules refuse it.
    """
    known = Contribution.objects.filter(key=key).first()
    if known is not None:
        return known
    if refusal := is_too_many(giver, now):
        raise TooMany(refusal)
    parent = queue_of(kind, given["group"], viewer)
    kept, is_new = Contribution.objects.get_or_create(
        key=key, defaults={"giver": giver, "kind": kind, "title": given["title"], "by_name": given["by_name"]}
    )
    if not is_new:
        return kept
    page = MAKERS[Contribution.Kind(kind)](given)
    if given["by_name"]:
        with override(parent.language):
            page.body = [
                *as_blocks(page.body),
                *paragraphs(_("With thanks to %(name)s.") % {"name": giver.display_name}),
            ]
    page.audience = Audience.GROUP if given["audience"] == Audience.GROUP else Audience.MEMBERS
    page.working_group = parent.working_group
    page.live = False
    page.topics.set(Topic.objects.filter(slug=given["topic"]))
    parent.specific.add_child(instance=page)
    kept.page = page.hubpage_ptr
    kept.save(update_fields=["page"])
    log(instance=page, action="wagtail.create", user=giver, content_changed=True)
    page.save_revision(user=giver)
    if page.has_workflow:
        try:
            # The form has a tick for it; whoever wants to be thanked by name is the only one named, and has agreed.
            names = Submission.Names.AGREED if given["by_name"] else Submission.Names.NONE
            send([page], giver, names=names)
        except NotReady:
            logger.info("Contribution %s stays a draft that nobody was asked to read", kept.pk)
    return kept


def as_blocks(body: Any) -> Sequence[tuple[str, Any]]:
    """The blocks of a body as pairs of type and value."""
    return [(child.block_type, child.value) for child in body]


def own_contributions(giver: User, viewer: Viewer) -> list[dict[str, Any]]:
    """What a person offered and what became of it, the newest first, in two queries."""
    given = Contribution.objects.filter(giver=giver).annotate(is_in_review=Exists(reviews_of("page")))
    rows = list(given[:100])
    published = {page.pk: page for page in HubPage.objects.live().filter(pk__in=[row.page_id for row in rows])}
    may_open = set(HubPage.objects.visible_to(viewer).filter(pk__in=published).values_list("pk", flat=True))
    return [
        {
            "contribution": row,
            "is_gone": row.page_id is None,
            "is_published": row.page_id in published,
            "is_in_review": row.is_in_review,
            "url": published[row.page_id].url if row.page_id in may_open else "",
        }
        for row in rows
    ]
