"""Mails that say that there is something new in a saved search, and nothing more.

Each is made for its recipient at the moment of sending, from what he or she may read then. Subject and text hold no
title, no name and no searched word: a phone that lies on a table shows them to anybody.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django_tasks import task

from core.access import MEMBERS, Viewer, viewer_for
from hub.models import SavedSearch, SearchAlert
from hub.saved import Counting, events_since, new_items
from members.models import User
from search import outbox

logger = logging.getLogger(__name__)

DAYS = {SavedSearch.Alert.DAILY: 1, SavedSearch.Alert.WEEKLY: 7}
"""After how many days (UTC) a search is looked at again."""
KEPT = timedelta(days=90)
"""How long it is kept that somebody was sent a mail; none is sent twice without that too."""
SIGNER = Signer(salt="hub.search_alerts")


class IndexIsBehind(RuntimeError):
    """What was published last cannot be found yet: whoever is told now would not be told of it."""


def may_be_told(viewer: Viewer) -> bool:
    """Whether somebody gets alerts and feeds at all: current members, and the secretariat."""
    return viewer.sees_all or MEMBERS in viewer.keys


def is_due(saved: SavedSearch, now: datetime) -> bool:
    """Whether it is time to look at a search again."""
    days = DAYS.get(SavedSearch.Alert(saved.alert))
    return days is not None and (now.date() - saved.told_until.date()).days >= days


def send_alerts(now: datetime) -> int:
    """Tell everybody whose saved searches hold something new; returns how many mails were sent.

    Running it twice sends nothing twice: searches are marked as told, and the mail as being sent, before the mail is
    handed over. What a crash left in "sending" is not sent again.

    Args:
        now: The moment up to which things are new.

    Raises:
        IndexIsBehind: Changes wait for the index and cannot be brought in. Nothing was sent.
        IndexUnavailable, Locked: The index cannot be read, or somebody else writes to it for long. Mails before that
            were sent, the others will be next time.
    """
    outbox.drain_now()
    if outbox.waiting_objects():
        raise IndexIsBehind("Changes wait for the search index: run this again when they are in.")
    SearchAlert.objects.filter(at__lt=timezone.now() - KEPT).delete()
    sent = 0
    for user, searches in by_owner():
        due = [saved for saved in searches if is_due(saved, now)]
        if not due:
            continue
        # A run that waited in the queue is for its own moment; who may read what is asked for today.
        viewer = viewer_for(user, on=max(now, timezone.now()).date())
        if not may_be_told(viewer):
            continue
        events = events_since(viewer, min(saved.told_until for saved in due))
        events = [event for event in events if event.new_at <= now]
        counting = Counting(viewer)
        found = [counting(saved, new_items(events, saved.told_until)) for saved in due]
        alert = mark(user, due, now, anything=any(found))
        if alert is not None:
            sent += hand_over(alert, user)
    return sent


def by_owner() -> Iterator[tuple[User, list[SavedSearch]]]:
    """People who may sign in, each with the searches he or she wants to be told of."""
    wanted = (
        SavedSearch.objects.filter(alert__in=DAYS, user__is_active=True)
        .select_related("user")
        .order_by("user_id", "pk")
    )
    for _pk, searches in groupby(wanted.iterator(chunk_size=500), key=lambda saved: saved.user_id):
        some = list(searches)
        yield some[0].user, some


def mark(user: User, due: list[SavedSearch], now: datetime, *, anything: bool) -> SearchAlert | None:
    """Mark searches as told up to now; gives the mail to hand over, marked as being sent, if there is anything to say.

    Nothing is given where another process was faster, or where the person has stopped the alerts or been locked out
    since the searches were read: mails to all take a while.
    """
    with transaction.atomic():
        for saved in due:
            as_read = {"pk": saved.pk, "told_until": saved.told_until, "alert": saved.alert}
            unchanged = SavedSearch.objects.filter(**as_read, user__is_active=True)
            if not unchanged.update(told_until=now):
                transaction.set_rollback(True)
                return None
        return SearchAlert.objects.create(user=user, at=now) if anything else None


def hand_over(alert: SearchAlert, user: User) -> bool:
    """Hand one mail to the mail server, and write down how that ended."""
    try:
        message_for(user).send()
    except (SMTPException, OSError) as error:
        # What the mail server says names the address.
        logger.warning("Search alert %s: %s", alert.pk, type(error).__name__)
        alert.state = SearchAlert.State.FAILED
    else:
        alert.state = SearchAlert.State.SENT
    alert.save(update_fields=["state"])
    return alert.state == SearchAlert.State.SENT


def message_for(user: User) -> EmailMessage:
    """The mail to one person, in his or her language. It is the same whatever was found."""
    base = settings.WAGTAILADMIN_BASE_URL.rstrip("/")
    with override(user.hub_language):
        stop = base + reverse("stop_search_alerts", args=[SIGNER.sign(str(user.pk))])
        words = {"link": base + reverse("saved_searches"), "stop": stop}
        subject = render_to_string("hub/email/search_alert_subject.txt", words)
        text = render_to_string("hub/email/search_alert_message.txt", words)
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return EmailMessage(" ".join(subject.split()), text.strip() + "\n", None, [user.email], headers=headers)


def owner_of(signed: str) -> User | None:
    """Whose alerts a signed link stops; None for a link that is not ours or whose owner is gone."""
    try:
        number = SIGNER.unsign(signed)
    except BadSignature:
        return None
    return User.objects.filter(pk=number).first()


def stop_alerts(user: User) -> int:
    """Tell a person nothing more about saved searches; returns how many of them stopped."""
    return (
        SavedSearch.objects.filter(user=user).exclude(alert=SavedSearch.Alert.OFF).update(alert=SavedSearch.Alert.OFF)
    )


@task(backend="slow")
def send_search_alerts(now: str) -> None:
    """The same for the queue; ``now`` in ISO form."""
    send_alerts(datetime.fromisoformat(now))
