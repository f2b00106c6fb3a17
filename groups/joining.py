"""Coming into a working group and leaving it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from groups.records import JoinRequest
from members.models import Dated, Office, Participation, User, WorkingGroup, today
from members.offices import leads_of

ASK_AGAIN_AFTER = timedelta(days=30)
"""How long somebody who was refused waits before asking again."""
KEPT = timedelta(days=90)
"""How long a refused request is remembered."""


class NotPossible(ValueError):
    """Nothing was changed, for the reason the message gives in words for whoever wanted it."""


def lock(group: WorkingGroup) -> None:
    """Let only one at a time change who is in a group and who holds its offices, until the transaction ends."""
    WorkingGroup.objects.select_for_update().get(pk=group.pk)


def still_running(rows: QuerySet, on: date) -> QuerySet:
    """Those of rows with a first and a last day that are not over."""
    return rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))


def end(row: Dated, on: date) -> None:
    """Let a row with a first and a last day be over at once: its last day was yesterday, or it never was."""
    if row.starts_on >= on:
        row.delete()
    else:
        row.ends_on = on - timedelta(days=1)
        row.save(update_fields=["ends_on"])


@transaction.atomic
def join(user: User, group: WorkingGroup, on: date | None = None) -> None:
    """Come into an open group; done twice, it is done once.

    Raises:
        NotPossible: in this group the leads are asked first.
    """
    lock(group)
    group.refresh_from_db(fields=["entry"])
    if group.entry != WorkingGroup.Entry.OPEN:
        raise NotPossible(_("In this group the leads are asked first. Send them a few words."))
    take_in(user, group, on or today())


@transaction.atomic
def ask(user: User, group: WorkingGroup, words: str, now: datetime | None = None) -> bool:
    """Ask the leads to be taken in. While a request waits, asking again changes its words.

    Returns: Whether there is something new for the leads to answer.
    Raises:
        NotPossible: the person was refused lately.
    """
    now = now or timezone.now()
    lock(group)
    forget(now)
    request = JoinRequest.objects.filter(user=user, group=group).first()
    if request is None:
        JoinRequest.objects.create(user=user, group=group, words=words, asked_at=now)
        return True
    is_new = request.refused_at is not None
    if request.refused_at is not None:
        if now < may_ask_again(request):
            raise NotPossible(_("Your last request was answered a short while ago. Please wait before you ask again."))
        # What the leads wrote down for themselves stays with the new request.
        request.asked_at, request.refused_at, request.reply = now, None, ""
    request.words = words
    request.save()
    return is_new


def may_ask_again(request: JoinRequest) -> datetime:
    """From when on somebody whose request was refused may ask again."""
    return (request.refused_at or request.asked_at) + ASK_AGAIN_AFTER


def withdraw(user: User, group: WorkingGroup) -> None:
    """Take back a request that waits. Where none waits, nothing happens."""
    JoinRequest.objects.filter(user=user, group=group, refused_at=None).delete()


@transaction.atomic
def accept(request: JoinRequest, on: date | None = None) -> None:
    """Take the asker into the group. The request is gone: who is in a group stands in one place."""
    lock(request.group)
    take_in(request.user, request.group, on or today())


@transaction.atomic
def refuse(request: JoinRequest, reply: str, reason: str, now: datetime | None = None) -> bool:
    """Do not take the asker in.

    Args:
        reply: What he or she is told.
        reason: What only the leads and the secretariat read.

    Returns: Whether the request was still there: another lead may have accepted it, or the asker taken it back.
    """
    now = now or timezone.now()
    lock(request.group)
    there = JoinRequest.objects.filter(pk=request.pk).update(reply=reply, reason=reason, refused_at=now)
    forget(now)
    return bool(there)


@transaction.atomic
def leave(user: User, group: WorkingGroup, on: date | None = None) -> None:
    """Leave a group: participation and offices are over at once.

    Raises:
        NotPossible: he or she is the only lead.
    """
    on = on or today()
    lock(group)
    if list(leads_of(group, on).values_list("pk", flat=True)) == [user.pk]:
        raise NotPossible(
            _("You are the only lead of this group. Ask the secretariat to appoint another first, then leave.")
        )
    for office in still_running(Office.objects.filter(user=user, group=group), on):
        end(office, on)
    for participation in still_running(Participation.objects.filter(user=user, group=group), on):
        end(participation, on)


def take_in(user: User, group: WorkingGroup, on: date) -> None:
    """Put a person into a group, with no last day; the request, if there was one, is gone."""
    there = still_running(Participation.objects.filter(user=user, group=group), on)
    if not there.filter(starts_on__lte=on).exists():
        there.delete()  # what would begin only later begins now
        Participation.objects.create(user=user, group=group, starts_on=on)
    JoinRequest.objects.filter(user=user, group=group).delete()


def forget(now: datetime) -> None:
    """Delete requests that were refused long ago."""
    JoinRequest.objects.filter(refused_at__lt=now - KEPT).delete()
