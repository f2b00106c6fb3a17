"""The editor's form of an event: its time is entered as the host's clocks show it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateTimeInput

from core.forms import HubPageForm
from events.times import in_zone, zone_names


class ClockField(forms.DateTimeField):
    """Date and time as clocks show them, without a zone."""

    def to_python(self, value: Any) -> datetime | None:
        """As Django's, but the server's zone is not put on what was typed."""
        if value in self.empty_values or isinstance(value, datetime):
            return value or None
        with timezone.override("UTC"):
            aware = super().to_python(value)
        return aware.replace(tzinfo=None) if aware else None


class ZoneField(forms.ChoiceField):
    """One of the time zones of the world."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[(name, name.replace("_", " ")) for name in zone_names()], **kwargs)


class EventPageForm(HubPageForm):
    """Reads the beginning in the host's zone, and refuses times that its clocks never show."""

    starts_at = ClockField(
        label=_("Begins"),
        help_text=_("Date and time in the time zone below. Readers see it in their own zone as well."),
        widget=AdminDateTimeInput,
    )
    time_zone = ZoneField(label=_("Time zone of the host"), initial="UTC")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.instance.time_zone
        if self.instance.starts_at and zone in available_timezones():
            self.initial["starts_at"] = self.instance.starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            if zone not in zone_names() and "time_zone" in self.fields:
                # An older name of a zone, such as US/Eastern, stays as it was until somebody changes it.
                self.fields["time_zone"].choices = [(zone, zone), *self.fields["time_zone"].choices]

    def clean(self) -> dict[str, Any]:
        """As the page's, with the moment made of date, time and zone."""
        cleaned = super().clean()
        clock, zone = cleaned.get("starts_at"), cleaned.get("time_zone")
        if clock and zone:
            try:
                cleaned["starts_at"] = in_zone(clock, zone)
            except (ValueError, OverflowError):
                words = _("The clocks of this time zone go forward over this time. Choose another.")
                self.add_error("starts_at", ValidationError(words))
        elif clock:
            del cleaned["starts_at"]
        return cleaned
