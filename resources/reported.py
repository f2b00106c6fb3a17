"""Notes that somebody reported: who is told, without a word of what it is, and where they look at them."""

from __future__ import annotations

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.mail import EmailMessage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_safe

from core.access import viewer_of
from core.models import HubPage
from members.offices import leads_of, offices_of, secretariat
from resources.models import ResourcePage
from resources.tried import TriedNote

logger = logging.getLogger(__name__)


@login_required
@require_safe
def reported(request: HttpRequest) -> HttpResponse:
    """The reported notes that this person may take away. For those who may take away none it is not there."""
    viewer = viewer_of(request)
    led = offices_of(request.user).leads & viewer.groups
    if not (led or viewer.sees_all):
        raise Http404
    notes = TriedNote.objects.filter(removed_at=None, page__in=HubPage.objects.visible_to(viewer).values("pk"))
    if not viewer.sees_all:
        notes = notes.filter(page__working_group__in=led)
    notes = notes.exclude(reported_because="").select_related("page__locale")
    return render(request, "resources/reported.html", {"notes": list(notes)})


def tell(page: ResourcePage) -> int:
    """Write to the leads of the page's group, or to the secretariat where there is none; returns how many were told.

    A mail says that something waits and where; no title, no name, no word of it.
    """
    told = 0
    leads = list(leads_of(page.working_group_id)) if page.working_group_id else []
    for user in leads or secretariat():
        with override(user.hub_language):
            words = {"url": settings.WAGTAILADMIN_BASE_URL.rstrip("/") + reverse("tried_reported")}
            subject = " ".join(render_to_string("resources/email/reported_subject.txt", words).split())
            text = render_to_string("resources/email/reported_message.txt", words).strip() + "\n"
        try:
            told += EmailMessage(subject, text, None, [user.email]).send()
        except OSError:
            # What the mail server says names the address.
            logger.error("A mail about a reported note could not be sent to person %s", user.pk)
    return told
