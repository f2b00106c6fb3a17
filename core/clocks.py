"""Whose clock a visitor reads."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.http import HttpRequest

from core.access import viewer_of


def zone_of(request: HttpRequest) -> str:
    """The IANA name of the visitor's own time zone: the profile's of somebody who is signed in, else UTC."""
    if not viewer_of(request).signed_in:
        return "UTC"
    name = getattr(request.user, "time_zone", "UTC")
    return name if name in available_timezones() else "UTC"
