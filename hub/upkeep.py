"""What the owner of a page should look at: a date of review that has gone by, a link that leads nowhere.

The owner is the working group of the page, else the secretariat. Both stand on the first page of the editor.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from wagtail.admin.ui.components import Component

from core.desk import desk_for
from core.models import BrokenLink, HubPage
from members.models import today

SHOWN = 20
"""Rows of one list on the first page of the editor, the oldest first."""


def owned_by(request: HttpRequest, page: str = "") -> Q:
    """The pages a person has to look after, as a filter of pages, or of what points at a page by the field ``page``.

    The secretariat looks after what no group owns, and sees what the groups are late with, too. Of a group's pages
    nobody is told whom they are closed to, such as an author who is no full member.
    """
    desk = desk_for(request.user)
    if desk is None:
        return ~Q(pk__in=[])
    own = HubPage.objects.filter(desk.own_pages).values("pk")
    return Q(**{f"{page}__in" if page else "pk__in": own})


def to_review(on: date | None = None) -> QuerySet[HubPage]:
    """The live pages whose date of review has gone by, longest ago first."""
    late = HubPage.objects.live().filter(alias_of=None, review_by__lt=on or today())
    return late.order_by("review_by", "pk")


class ToReview(Component):
    """Pages to look at again, on the first page of the editor."""

    name = "hub_to_review"
    order = 230
    template_name = "hub/admin/to_review.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """The pages of this person's that are past their date of review; nothing at all where there are none."""
        pages = to_review().filter(owned_by(parent_context["request"])).select_related("working_group", "locale")
        return {"pages": pages[:SHOWN], "more": max(pages.count() - SHOWN, 0)}


class BrokenLinks(Component):
    """Links that lead nowhere, on the first page of the editor."""

    name = "hub_broken_links"
    order = 240
    template_name = "hub/admin/broken_links.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """The links on this person's pages that certainly are broken; nothing at all where there are none."""
        links = BrokenLink.objects.filter(BrokenLink.CERTAIN, owned_by(parent_context["request"], "page"))
        return {"links": links.select_related("page")[:SHOWN], "more": max(links.count() - SHOWN, 0)}
