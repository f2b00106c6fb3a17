"""Entries of lists as one tag each: a page shows twenty, and each would be three templates, one in the other."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from core.cards import Card

register = template.Library()

SIGNS = 1024
"""Signs that are kept: who may read, by language, group and whether it is closed."""


@register.inclusion_tag("components/entry.html")
def entry_of(card: Card, level: int = 3, recommended: bool = False) -> dict[str, Any]:
    """One ``core.cards.Card`` as an entry of a list; ``recommended``: pinned to the words that were searched."""
    return {**vars(card), "level": level, "recommended": recommended}


@register.simple_tag
def audience_sign(audience: str, group: str = "", closed: bool = False) -> SafeString:
    """Who may read a thing, as ``components/audience.html`` shows it."""
    return _sign(get_language(), audience, group or "", bool(closed))


@lru_cache(maxsize=SIGNS)
def _sign(_language: str, audience: str, group: str, closed: bool) -> SafeString:
    html = render_to_string("components/audience.html", {"audience": audience, "group": group, "closed": closed})
    return mark_safe(" ".join(html.split()))
