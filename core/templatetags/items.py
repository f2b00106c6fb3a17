"""The foot of an item's page: how it is cited, its editions, and the way to the reader's own lists."""

from __future__ import annotations

from typing import Any

from django import template

from core import citing
from core.access import Viewer
from core.edition_pages import edition_links
from core.editions import KINDS, editions_for
from core.kinds import LIBRARY_KINDS, NOT_KEPT
from core.models import HubPage

register = template.Library()


@register.inclusion_tag("components/item_foot.html")
def item_foot(page: Any, viewer: Viewer) -> dict[str, Any]:
    """What stands below every item, for somebody who may open it; one query more where it has editions."""
    if not isinstance(page, HubPage) or not page.pk:
        return {}
    kind = page.get_kind()
    context: dict[str, Any] = {"page": page, "keep": viewer.signed_in and kind not in NOT_KEPT}
    # Of an event there is something to cite when it can be heard or read again.
    if kind in LIBRARY_KINDS and page.cited().get("is_citable", True):
        cited = citing.citation_of(page)
        context |= {"cited": cited, "text": citing.as_text(cited), "bibtex": citing.as_bibtex(cited)}
        context["ris"] = citing.as_ris(cited).replace("\r\n", "\n").strip()
    if kind in KINDS and getattr(page, "has_editions", True):
        context["editions"] = edition_links(editions_for(page, viewer))
    return context
