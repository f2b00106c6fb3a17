"""For templates of ours in the place of Wagtail's: what is not for people with an office.

A builtin of all templates (settings ``TEMPLATES``), since nothing can be loaded before ``extends``.
"""

from __future__ import annotations

from django import template

from core.desk import desk_now

register = template.Library()


@register.filter
def but_at_no_desk(name: str, instead: str) -> str:
    """This template; while a person with a desk is answered another one."""
    return name if desk_now() is None else instead
