"""What each kind of page is called in lists and facets. The codes stand in ``HubPage.kind``."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# In the order in which facets show them.
KINDS: dict[str, object] = {
    "practice": _("Best practice"),
    "tool": _("Tool"),
    "lesson": _("Lesson from a neighbouring field"),
    "research": _("Research"),
    "insight": _("Insight"),
    "guidebook": _("Guidebook"),
    "chapter": _("Chapter"),
    "webinar": _("Webinar"),
    "meeting": _("Meeting"),
    "training": _("Training"),
    "standard": pgettext_lazy("a set of clauses", "Standard"),
    "group": _("Working group"),
    "section": _("Section"),
    "page": pgettext_lazy("a page of the site", "Page"),
    "home": _("Home page"),
}

NOT_KEPT = ("home", "section")
"""Kinds of pages that nobody needs in a list of what to read."""

# What the library lists: one entry per resource, guidebook, event and standard.
LIBRARY_KINDS = (
    "practice",
    "tool",
    "lesson",
    "research",
    "insight",
    "guidebook",
    "webinar",
    "meeting",
    "training",
    "standard",
)


def kind_label(code: str) -> str:
    """The words for a kind in the active language; an unknown code as it is."""
    return str(KINDS.get(code, code))
