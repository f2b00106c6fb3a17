"""A working group as one visitor stands to it, and the one place where its own addresses are closed to others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.http import Http404, HttpRequest

from core.access import Viewer, group_key, viewer_of
from core.models import HubPage, active_languages
from members.models import User, WorkingGroup
from members.offices import NO_OFFICES, Offices, offices_of


@dataclass
class Circle:
    """A group, who looks, and what he or she is there."""

    group: WorkingGroup
    viewer: Viewer
    user: User

    @property
    def is_in(self) -> bool:
        """Whether the visitor is in the group himself or herself."""
        return group_key(self.group.pk) in self.viewer.keys

    @property
    def sees_inside(self) -> bool:
        """Whether the visitor may see who is in the group and what it does."""
        return self.is_in or self.viewer.sees_all

    @cached_property
    def offices(self) -> Offices:
        """What the visitor leads and writes for; one query."""
        return offices_of(self.user) if self.viewer.is_member else NO_OFFICES

    @property
    def may_lead(self) -> bool:
        """Whether the visitor may do what the group's leads do."""
        return self.viewer.sees_all or (self.is_in and self.group.pk in self.offices.leads)

    @property
    def may_write(self) -> bool:
        """Whether the visitor is a lead or an author of the group, or the secretariat."""
        return self.viewer.sees_all or (self.is_in and self.group.pk in self.offices.groups)

    @cached_property
    def home(self) -> HubPage | None:
        """The group's page in the visitor's best language, if he or she may open one; one query."""
        return homes_for(self.viewer).filter(working_group=self.group).first()

    @property
    def home_url(self) -> str:
        """Where the group's page is; without one, the hub's home page."""
        return str(self.home.url) if self.home else "/"

    @property
    def trail(self) -> list[dict[str, str]]:
        """The way back to the group, for the breadcrumbs."""
        return [{"title": self.home.title, "url": self.home_url}] if self.home else []


def homes_for(viewer: Viewer) -> Any:
    """The pages of working groups that a viewer may open, one for each group."""
    homes = HubPage.objects.visible_to(viewer).filter(kind="group", working_group__isnull=False)
    return homes.in_best_language(*active_languages()).for_cards()


def circle_of(request: HttpRequest, slug: str) -> Circle:
    """The group of this short name as whoever asks stands to it.

    Raises:
        Http404: nobody is signed in, or there is no such group. Who may do what is for the caller to ask, with the
            same 404 as answer.
    """
    viewer = viewer_of(request)
    group = WorkingGroup.objects.filter(slug=slug).first() if viewer.signed_in else None
    if group is None:
        raise Http404
    return Circle(group, viewer, cast(User, request.user))


def inside(request: HttpRequest, slug: str) -> Circle:
    """The same for those who are in the group and for the secretariat; 404 for all others."""
    circle = circle_of(request, slug)
    if not circle.sees_inside:
        raise Http404
    return circle


def led(request: HttpRequest, slug: str) -> Circle:
    """The same for the group's leads and for the secretariat; 404 for all others."""
    circle = inside(request, slug)
    if not circle.may_lead:
        raise Http404
    return circle
