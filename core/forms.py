"""The editor's form of every page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm

from core.access import NOBODY, PUBLIC, Audience, fold, is_as_strict, own_key

# Chosen when the page is made; afterwards only through the dialog "Who may read".
ACCESS_FIELDS = ("audience", "working_group", "teaser")


class HubPageForm(WagtailAdminPageForm):
    """Asks who may read while a page is new, and refuses what could not hold."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ACCESS_FIELDS:
                self.fields.pop(name, None)

    def clean(self) -> dict[str, Any]:
        """As Wagtail's, with who may read checked against the section the page stands in."""
        cleaned = super().clean()
        if not self.instance.pk and "audience" in cleaned:
            for field, error in access_errors(
                cleaned["audience"],
                cleaned.get("working_group"),
                bool(cleaned.get("teaser")),
                getattr(self.parent_page.specific, "standing_key", PUBLIC) if self.parent_page else PUBLIC,
            ).items():
                self.add_error(field, error)
        return cleaned


def access_errors(audience: str, group: Any, teaser: bool, section_key: str) -> dict[str, Any]:
    """What is wrong with an audience in a section of this key, by field; empty when nothing is."""
    own = own_key(audience, group.pk if group else None)
    if audience in (Audience.GROUP, Audience.GROUP_FULL) and group is None:
        return {"working_group": _("Choose the working group that may read this.")}
    if fold(own, section_key) == NOBODY:
        return {"working_group": _("The section belongs to another working group: nobody could read this.")}
    if not is_as_strict(fold(own, section_key), section_key) or is_looser(own, section_key):
        return {"audience": _("This is wider than the section it stands in. Choose a narrower audience.")}
    if teaser and audience not in (Audience.MEMBERS, Audience.FULL):
        return {"teaser": _("Only pages for members or full members can show title and summary to everyone.")}
    return {}


def is_looser(own: str, section_key: str) -> bool:
    """Whether an audience names a wider tier than its section; a section's group need not be repeated."""
    tiers = {"public": 0, "members": 1, "full": 2}
    if own not in tiers or section_key not in tiers:
        return False
    return tiers[own] < tiers[section_key]
