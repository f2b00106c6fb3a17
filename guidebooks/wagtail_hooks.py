"""What guidebooks add to Wagtail's admin: importing a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button

from guidebooks import uploads_admin
from guidebooks.models import GuidebookPage
from guidebooks.uploading import books_for, places_for


@hooks.register("register_admin_urls")
def register_uploads() -> list[Any]:
    """Addresses of importing a file."""
    return uploads_admin.urls


class ImportMenuItem(MenuItem):
    """Shown to whoever may write somewhere a guidebook can stand."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether there is such a place."""
        return places_for(request.user).exists()


@hooks.register("register_admin_menu_item")
def import_in_menu() -> MenuItem:
    """The way in, for leads, authors and the secretariat."""
    return ImportMenuItem(
        gettext_lazy("Import a guidebook"), reverse("guidebooks_upload"), icon_name="upload", order=210
    )


@hooks.register("register_page_header_buttons")
def import_beside_page(page: Any, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """The same on the page it goes below, and a new version on a guidebook that was imported."""
    specific = page.specific
    if isinstance(specific, GuidebookPage):
        if books_for(user).filter(pk=page.pk).exists():
            url = reverse("guidebooks_upload_again", args=[page.pk])
            yield Button(_("Import a new version"), url, icon_name="upload", priority=17)
    elif places_for(user).filter(pk=page.pk).exists():
        url = reverse("guidebooks_upload_below", args=[page.pk])
        yield Button(_("Import a guidebook"), url, icon_name="upload", priority=17)
