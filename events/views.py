"""Doors of the events: the calendar file of one event."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.access import PUBLIC, viewer_of
from events.calendars import calendar_of
from events.models import EventPage


@require_safe
def event_ics(request: HttpRequest, pk: str) -> HttpResponse:
    """The calendar file of one event, for those who may open it; for all others there is none."""
    event = EventPage.objects.visible_to(viewer_of(request)).select_related("locale").filter(pk=int(pk)).first()
    if event is None:
        raise Http404
    response = HttpResponse(calendar_of(event), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="index-event.ics"'
    if event.access_key != PUBLIC:
        response["Cache-Control"] = "private, no-store"
    return response
