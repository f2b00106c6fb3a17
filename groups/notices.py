"""Mails to the leads of a group that something waits for them, and the page these mails lead to.

Subject and text hold no title, no name and no group: a phone that lies on a table shows them to anybody.
"""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from core.access import viewer_of
from groups.circle import homes_for
from groups.life import WAITING, with_waiting
from members.models import User, WorkingGroup
from members.offices import leads_of, offices_of

logger = logging.getLogger(__name__)


def tell_leads(group: WorkingGroup) -> None:
    """Tell whoever leads a group, once what waits is written. Who that is, is worked out at the moment of sending."""
    transaction.on_commit(lambda: send_to_leads(group.pk), robust=True)


def send_to_leads(group: int) -> None:
    """Hand one mail for each lead to the mail server; what it refuses is logged by number."""
    for user in leads_of(group):
        try:
            message_for(user).send()
        except (SMTPException, OSError) as error:
            logger.warning("Notice to person %s: %s", user.pk, type(error).__name__)


def message_for(user: User) -> EmailMessage:
    """The mail to one person, in his or her language."""
    with override(user.hub_language):
        link = settings.WAGTAILADMIN_BASE_URL.rstrip("/") + reverse("my_groups")
        text = render_to_string("groups/email/waiting.txt", {"link": link})
        return EmailMessage(_("Something waits for you"), text.strip() + "\n", None, [user.email])


@login_required
@require_safe
def my_groups(request: HttpRequest) -> HttpResponse:
    """One's own groups, and for those one leads how much waits; in four queries. For members alone."""
    viewer, user = viewer_of(request), cast(User, request.user)
    if not viewer.is_member:
        raise Http404
    homes = {home.working_group_id: home for home in homes_for(viewer).filter(working_group__in=viewer.groups)}
    offices = offices_of(user)
    leads = offices.leads & viewer.groups
    waiting: dict[int, Any] = {}
    for group in with_waiting(WorkingGroup.objects.filter(pk__in=leads), viewer):
        waiting[group.pk] = {name: getattr(group, name) for name in WAITING}
    groups = [
        {
            "group": group,
            "home": homes.get(group.pk),
            "waiting": waiting.get(group.pk),
            "writes": group.pk in offices.groups,
        }
        for group in WorkingGroup.objects.filter(pk__in=viewer.groups)
    ]
    return render(request, "groups/my_groups.html", {"groups": groups})
