"""What a person's membership is on a day, in full: for the account page and for saying no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from .models import (
    Activity,
    Membership,
    Office,
    Organisation,
    Seat,
    Tier,
    User,
    WorkingGroup,
    today,
)
from .rights import current_participations, grace, running


class State(Enum):
    """How a person stands to the network on a day."""

    NONE = "none"  # never a member, or a first membership that is still to begin
    CURRENT = "current"
    GRACE = "grace"  # the last day is over, the doors are still open
    LAPSED = "lapsed"


@dataclass(frozen=True)
class Standing:
    """The membership that counts, the better of several, and until when it opens doors."""

    state: State
    tier: Tier | None = None
    organisation: Organisation | None = None  # set when it is a seat and not an own membership
    starts_on: date | None = None
    ends_on: date | None = None
    opens_until: date | None = None  # the last day on which doors open, grace included

    @property
    def is_member(self) -> bool:
        return self.state in (State.CURRENT, State.GRACE)


def standing_of(user: User, on: date | None = None) -> Standing:
    """How ``user`` stands on ``on`` (default: today in UTC), in two queries.

    Among memberships that open doors the one with full access counts, then the one that lasts
    longest; among those that are over, the last.
    """
    on = on or today()
    found = [own(membership, on) for membership in user.memberships.select_related("tier")]
    found += [through(seat, on) for seat in user.seats.select_related("organisation__tier", "organisation")]
    begun = [standing for standing in found if standing.starts_on and standing.starts_on <= on]
    opening = [standing for standing in begun if standing.is_member]
    if opening:
        return max(opening, key=lambda s: (bool(s.tier and s.tier.full_access), s.state is State.CURRENT, last_day(s)))
    return max(begun, key=last_day, default=Standing(State.NONE))


def last_day(standing: Standing) -> date:
    """The last day of a standing; the earliest day there is for one without."""
    return standing.ends_on or date.min


def own(membership: Membership, on: date) -> Standing:
    """The standing that an own membership gives."""
    opens_until = membership.ends_on + grace()
    return Standing(
        state=state_on(on, membership.ends_on, opens_until),
        tier=membership.tier,
        starts_on=membership.starts_on,
        ends_on=membership.ends_on,
        opens_until=opens_until,
    )


def through(seat: Seat, on: date) -> Standing:
    """The standing that a seat gives: no longer than the seat, no longer than its organisation."""
    organisation = seat.organisation
    ends_on, opens_until = organisation.ends_on, organisation.ends_on + grace()
    if seat.ends_on is not None:
        ends_on, opens_until = min(ends_on, seat.ends_on), min(opens_until, seat.ends_on)
    return Standing(
        state=state_on(on, ends_on, opens_until),
        tier=organisation.tier,
        organisation=organisation,
        starts_on=max(seat.starts_on, organisation.starts_on),
        ends_on=ends_on,
        opens_until=opens_until,
    )


def state_on(on: date, ends_on: date, opens_until: date) -> State:
    """The state on a day of what has begun."""
    if on <= ends_on:
        return State.CURRENT
    return State.GRACE if on <= opens_until else State.LAPSED


def opened_by(tier: Tier) -> tuple[list[Activity], list[Activity]]:
    """The activities that a tier opens, and those that it does not."""
    its = set(tier.activities.values_list("pk", flat=True))
    every = list(Activity.objects.all())
    return [a for a in every if a.pk in its], [a for a in every if a.pk not in its]


@dataclass(frozen=True)
class InGroup:
    """A working group a person is in, and the offices he or she holds there."""

    group: WorkingGroup
    offices: list[Office]


def groups_of(user: User, on: date | None = None) -> list[InGroup]:
    """The working groups ``user`` is in on ``on`` with the offices of that day, in two queries."""
    on = on or today()
    offices: dict[int, list[Office]] = {}
    for office in Office.objects.filter(running(on), user=user):
        offices.setdefault(office.group_id, []).append(office)
    participations = current_participations(user, on).select_related("group")
    groups = {participation.group_id: participation.group for participation in participations}
    return [InGroup(group, offices.get(pk, [])) for pk, group in sorted(groups.items(), key=lambda item: item[1].name)]
