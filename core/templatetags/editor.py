"""What the side panels of the editor say of a page."""

from __future__ import annotations

from typing import Any

from django import template

from core.content_checks import Remark, remarks_on
from core.editor import reasons

register = template.Library()


@register.simple_tag
def reasons_to_read(page: Any) -> list[str]:
    """Why those who may read the page may."""
    return reasons(page)


@register.simple_tag
def remarks(page: Any) -> list[Remark]:
    """What to look at before others do."""
    return remarks_on(page)
