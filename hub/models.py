"""Pages that belong to no room: the home page of each language, and the plain pages of the public site."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.models import HubPage, WithBody


class HomePage(HubPage):
    """The first page of one language; what it shows depends on who looks."""

    kind_code = "home"

    parent_page_types = ["wagtailcore.Page"]
    max_count_per_parent = None

    class Meta:
        verbose_name = _("home page")


class PlainPage(WithBody, HubPage):
    """A page of the public site, such as "About" or "How to join"."""

    parent_page_types = ["hub.HomePage", "hub.PlainPage"]
    subpage_types = ["hub.PlainPage"]
    content_panels = WithBody.body_panels

    class Meta:
        verbose_name = _("plain page")
