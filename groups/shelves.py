"""What a working group has published, whichever room made it: found by group and kind among all pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from django.utils import timezone

from core.access import Viewer
from core.kinds import LIBRARY_KINDS
from core.models import HubPage, active_languages
from members.models import WorkingGroup

EVENT_KINDS = ("webinar", "meeting", "training")
FEW = 6
# Events of one group that are looked at, newest first; a group holds about 20 a year.
MOST_EVENTS = 60


@runtime_checkable
class Happening(Protocol):
    """A page about something that begins and ends."""

    kind: str
    starts_at: datetime
    ends_at: datetime

    def entry(self, zone: str) -> dict[str, Any]:
        """The arguments of ``components/event.html``."""


def latest(group: WorkingGroup | None, viewer: Viewer) -> list[HubPage]:
    """The newest publications of a group that the viewer may list, events left out."""
    if group is None:
        return []
    kinds = [kind for kind in LIBRARY_KINDS if kind not in EVENT_KINDS]
    pages = HubPage.objects.listed_for(viewer).filter(working_group=group, kind__in=kinds)
    return list(pages.in_best_language(*active_languages()).for_cards().newest_first()[:FEW])


def coming_up(group: WorkingGroup | None, viewer: Viewer, now: datetime | None = None) -> list[Happening]:
    """The events of a group that are still to end and that the viewer may open, the first of them first."""
    if group is None:
        return []
    now = now or timezone.now()
    pages = HubPage.objects.visible_to(viewer).filter(working_group=group, kind__in=EVENT_KINDS)
    newest = pages.in_best_language(*active_languages()).for_cards().newest_first()[:MOST_EVENTS]
    whole = newest.specific().select_related("locale", for_specific_subqueries=True).defer_streamfields()
    found = [page for page in whole if isinstance(page, Happening) and page.ends_at > now]
    for page in found:
        page.working_group = group  # type: ignore[attr-defined]  # spares a query for each
    return sorted(found, key=lambda event: event.starts_at)
