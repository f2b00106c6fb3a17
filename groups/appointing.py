"""Authors of a working group, appointed and ended by its leads. Leads are appointed by the secretariat."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from groups.joining import NotPossible, end, lock, still_running
from groups.people import people_of
from members.models import Office, WorkingGroup, today

LONGEST_YEARS = 3
"""A term of office ends at the latest so many years from now; it can be renewed."""


def in_years(on: date, years: int) -> date:
    """The same day some years later; for 29 February the 28th.

    >>> in_years(date(2028, 2, 29), 1)
    datetime.date(2029, 2, 28)
    """
    try:
        return on.replace(year=on.year + years)
    except ValueError:
        return on.replace(year=on.year + years, day=28)


def check_last_day(until: date, on: date) -> None:
    """Refuse a last day that is over or too far away.

    Raises:
        NotPossible: with the bounds in words.
    """
    if until < on:
        raise NotPossible(_("The last day is over already."))
    if until > in_years(on, LONGEST_YEARS):
        raise NotPossible(_("A term lasts at most %(years)d years. It can be renewed.") % {"years": LONGEST_YEARS})


@transaction.atomic
def appoint(group: WorkingGroup, person: int, until: date, on: date | None = None) -> Office:
    """Make somebody who is in the group an author of it until a last day; done twice, there is one office.

    Raises:
        NotPossible: the person is not in the group, or the last day is out of bounds.
    """
    on = on or today()
    check_last_day(until, on)
    lock(group)
    if person not in {one.pk for one in people_of(group, on)}:
        raise NotPossible(_("Only somebody in the group can hold its offices."))
    held = Office.objects.filter(user=person, group=group, role=Office.Role.AUTHOR)
    office: Office | None = still_running(held, on).first()
    if office is None:
        return Office.objects.create(user_id=person, group=group, role=Office.Role.AUTHOR, starts_on=on, ends_on=until)
    office.starts_on = min(office.starts_on, on)
    office.ends_on = until
    office.save()
    return office


@transaction.atomic
def change_last_day(office: Office, until: date, on: date | None = None) -> None:
    """Let an author's term end on another day.

    Raises:
        NotPossible: the last day is out of bounds.
    """
    check_last_day(until, on or today())
    office.ends_on = until
    office.save(update_fields=["ends_on"])


@transaction.atomic
def end_now(office: Office, on: date | None = None) -> None:
    """End an author's term at once."""
    end(office, on or today())


def last_day_by_default(on: date | None = None) -> date:
    """The last day a term is given unless another is chosen: one year from today, less a day."""
    return in_years(on or today(), 1) - timedelta(days=1)
