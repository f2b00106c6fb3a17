"""What a member changes about himself or herself."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from .models import User

# The zones of places, as "Africa/Nairobi"; the rest are old names and fixed offsets.
CONTINENTS = {
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
}  # fmt: skip


def language_choices() -> list[tuple[str, str]]:
    """The hub's languages, each by its own name."""
    return [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]


def time_zone_choices() -> list[tuple[str, Any]]:
    """The time zones of places, by continent, and UTC."""
    by_continent: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(available_timezones()):
        continent, _slash, place = zone.partition("/")
        if place and continent in CONTINENTS:
            shown = place.replace("_", " ").replace("/", ", ")
            by_continent.setdefault(continent, []).append((zone, shown))
    return [("UTC", "UTC"), *by_continent.items()]


class AccountForm(forms.ModelForm):
    """Display name, language and time zone."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=language_choices,
        help_text=_("For e-mails, and for where you arrive after signing in."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zone_choices,
        help_text=_("Times of events are shown in it."),
    )

    class Meta:
        model = User
        fields = ["display_name", "language", "time_zone"]
        labels = {"display_name": _("Display name")}
        widgets = {"display_name": forms.TextInput(attrs={"autocomplete": "nickname"})}
