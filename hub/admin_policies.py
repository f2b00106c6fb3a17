"""What Wagtail lets a person with an office do with pages and files: never more than the desk allows.

Wagtail's own permissions follow the tree and the collections alone. Its lists, counts, searches and buttons ask these
policies, so what is left out here is left out everywhere.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page  # noqa: TID251 Wagtail's own lists are of these
from wagtail.permission_policies.collections import CollectionOwnershipPermissionPolicy
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import register_permission_policy

from core.access import can_see, visible
from core.desk import desk_for
from core.models import HubPage


class PagesOfDesk(PagePermissionPolicy):
    """As Wagtail's for the secretariat; for all others only pages they own."""

    def instances_user_has_any_permission_for(self, user: Any, actions: Any) -> QuerySet:
        """As Wagtail's, less what is closed."""
        return self._own(user, super().instances_user_has_any_permission_for(user, actions))

    def explorable_instances(self, user: Any) -> QuerySet:
        """As Wagtail's, without the pages above the person's own."""
        if desk_for(user) is None:
            return super().explorable_instances(user)
        actions = {"add", "change", "publish", "lock", "unlock", "bulk_delete"}
        return self.instances_user_has_any_permission_for(user, actions)

    def user_has_any_permission_for_instance(self, user: Any, actions: Any, instance: Any) -> bool:
        """As Wagtail's, and only for the person's own pages."""
        desk = desk_for(user)
        row = instance if desk is None or isinstance(instance, HubPage) else desk.page(instance.pk)
        allowed = desk is None or (row is not None and desk.owns(row))
        return allowed and super().user_has_any_permission_for_instance(user, actions, instance)

    def instances_with_direct_explore_permission(self, user: Any) -> Any:
        """As Wagtail's: the pages at the top of what the person works on."""
        pages = super().instances_with_direct_explore_permission(user)
        desk = desk_for(user)
        if desk is None:
            return pages
        own = set(HubPage.objects.filter(desk.own_pages, pk__in=[page.pk for page in pages]).values_list("pk"))
        return list({page.pk: page for page in pages if (page.pk,) in own}.values())

    def explorable_root_instance(self, user: Any) -> Any:
        """As Wagtail's; of several sections the one in which the person works now, else the first.

        What stands above a section is not the person's, so no way up begins there.
        """
        desk = desk_for(user)
        if desk is None:
            return super().explorable_root_instance(user)
        tops = sorted(self.instances_with_direct_explore_permission(user), key=lambda page: page.path)
        return next((page for page in tops if desk.here.startswith(page.path)), tops[0] if tops else None)

    def _own(self, user: Any, pages: QuerySet) -> QuerySet:
        desk = desk_for(user)
        return pages if desk is None else pages.filter(pk__in=HubPage.objects.filter(desk.own_pages).values("pk"))


class FilesOfDesk(CollectionOwnershipPermissionPolicy):
    """As Wagtail's, by collection and who uploaded; and never a file the person may not open."""

    def instances_user_has_any_permission_for(self, user: Any, actions: Any) -> QuerySet:
        """As Wagtail's, less what is closed."""
        files = super().instances_user_has_any_permission_for(user, actions)
        desk = desk_for(user)
        return files if desk is None else files.filter(visible(desk.viewer))

    def user_has_any_permission_for_instance(self, user: Any, actions: Any, instance: Any) -> bool:
        """As Wagtail's, and only for what the person may open."""
        desk = desk_for(user)
        allowed = desk is None or can_see(desk.viewer, instance)
        return allowed and super().user_has_any_permission_for_instance(user, actions, instance)


def register() -> None:
    """Take the places of Wagtail's own policies."""
    register_permission_policy(Page, PagesOfDesk(Page))
    for model, named in ((get_image_model(), "wagtailimages.Image"), (get_document_model(), "wagtaildocs.Document")):
        register_permission_policy(
            model, FilesOfDesk(model, auth_model=named, owner_field_name="uploaded_by_user"), exact_class=True
        )
