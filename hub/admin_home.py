"""What a lead or an author finds on entering the admin: a menu of three, and first of all what to do here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem, SubmenuMenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import (
    LockedPagesPanel,
    RecentEditsPanel,
    UserObjectsInWorkflowModerationPanel,
    WorkflowObjectsToModeratePanel,
)
from wagtail.models import Page  # noqa: TID251 Wagtail's own lists are of these
from wagtail.permissions import policy_registry

from core.desk import Desk, desk_now
from core.models import HubPage
from hub.admin_doors import door_of
from members.models import WorkingGroup


def leads_to_open(url: str) -> bool:
    """Whether an address of the admin is behind an open door, or stands outside the admin."""
    path = urlsplit(url).path
    if not path.startswith("/admin/"):
        return not path.startswith("#") and bool(path)
    try:
        return door_of(resolve(path).view_name) is not None
    except Resolver404:
        return False


@hooks.register("construct_main_menu", order=1000)
def menu_of_desk(request: HttpRequest, items: list[MenuItem]) -> None:
    """Only what is open, without lists within the list; Wagtail's explorer asks addresses that are shut."""
    if desk_now() is None:
        return
    items[:] = [item for item in items if not isinstance(item, SubmenuMenuItem) and leads_to_open(str(item.url))]
    for place, item in enumerate(items):
        if item.name == "explorer":
            items[place] = MenuItem(
                item.label,
                reverse("wagtailadmin_explore_root"),
                name="pages",
                icon_name=item.icon_name,
                order=item.order,
            )


@hooks.register("construct_homepage_summary_items", order=1000)
def no_counts(request: HttpRequest, items: list[Any]) -> None:
    """Wagtail's numbers count what is closed too."""
    if desk_now() is not None:
        items.clear()


@hooks.register("construct_homepage_panels", order=1000)
def panels_of_desk(request: HttpRequest, panels: list[Component]) -> None:
    """First the person's groups; then Wagtail's panels, with the person's own pages alone."""
    desk = desk_now()
    if desk is None:
        return
    panels[:] = [panel if type(panel) not in KEPT else OfOwnPages(panel, desk, KEPT[type(panel)]) for panel in panels]
    panels.insert(0, GroupsPanel(desk))


class GroupsPanel(Component):
    """The groups a person works for, and what he can do there."""

    name = "working_groups"
    template_name = "hub/admin/groups_panel.html"
    order = 10

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Each group with its homes."""
        request = parent_context["request"] if parent_context else None
        user = request.user if request is not None else None
        tops = policy_registry.get_by_type(Page).instances_with_direct_explore_permission(user)
        homes: dict[int, list[HubPage]] = {}
        for page in HubPage.objects.filter(pk__in=[top.pk for top in tops]).select_related("locale").order_by("path"):
            homes.setdefault(page.working_group_id or 0, []).append(page)
        groups = WorkingGroup.objects.filter(pk__in=self.desk.offices.groups)
        return {
            "groups": [
                {"group": group, "leads": group.pk in self.desk.offices.leads, "homes": homes.get(group.pk, [])}
                for group in sorted(groups, key=str)
            ]
        }


class OfOwnPages(Component):
    """A panel of Wagtail's without the pages that are not the person's, such as those of an office that is over."""

    def __init__(self, panel: Any, desk: Desk, key: tuple[str, Any]) -> None:
        self.panel, self.desk, self.key = panel, desk, key
        self.name, self.order, self.template_name = panel.name, panel.order, panel.template_name

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """As Wagtail's."""
        name, page_of = self.key
        context = self.panel.get_context_data(parent_context)
        own = [entry for entry in context[name] if (page := page_of(entry)) is not None and self._owns(page)]
        return {**context, name: own}

    def _owns(self, page: Any) -> bool:
        row = page if hasattr(page, "standing_key") else self.desk.page(page.pk)
        return row is not None and self.desk.owns(row)


# The name under which each of Wagtail's panels keeps its rows, and how the page of a row is found.
KEPT: dict[type, tuple[str, Any]] = {
    WorkflowObjectsToModeratePanel: ("states", lambda row: row["obj"]),
    UserObjectsInWorkflowModerationPanel: ("workflow_states", lambda state: state.content_object),
    RecentEditsPanel: ("last_edits", lambda row: row[1]),
    LockedPagesPanel: ("locked_pages", lambda page: page),
}
