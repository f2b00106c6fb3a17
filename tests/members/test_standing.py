"""A person's standing in words says the same as his or her rights."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from members.models import Office, Participation, Tier, WorkingGroup
from members.rights import rights_of
from members.standing import State, groups_of, opened_by, standing_of
from tests.personas import member, seat

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2027, 3, 10), date(2027, 9, 20)


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2027, 3, 9), State.NONE),
        (FIRST, State.CURRENT),
        (LAST, State.CURRENT),
        (date(2027, 9, 21), State.GRACE),
        (date(2027, 10, 20), State.GRACE),
        (date(2027, 10, 21), State.LAPSED),
    ],
)
def test_the_state_turns_on_the_right_days(user, on, state):
    member(user, "full", FIRST, LAST)
    standing = standing_of(user, on)
    assert standing.state is state
    if state is not State.NONE:
        assert (standing.ends_on, standing.opens_until) == (LAST, date(2027, 10, 20))


def test_standing_and_rights_agree_on_every_day(user):
    member(user, "associate", FIRST, LAST)
    seat(user, (date(2027, 6, 1), date(2028, 5, 31)), date(2027, 7, 1), date(2028, 1, 15))
    day = date(2027, 3, 1)
    while day < date(2028, 3, 1):
        standing, rights = standing_of(user, day), rights_of(user, day)
        assert standing.is_member == rights.is_member, day
        assert bool(standing.tier and standing.is_member and standing.tier.full_access) == (rights.full_access), day
        day += timedelta(days=1)


def test_the_better_membership_is_named_and_then_the_longer(user):
    member(user, "associate", FIRST, date(2028, 12, 31))
    seat(user, (FIRST, LAST), FIRST)
    assert standing_of(user, LAST).organisation.name == "A body"
    member(user, "full", FIRST, date(2027, 12, 31))
    assert standing_of(user, LAST).ends_on == date(2027, 12, 31)


def test_a_renewal_is_named_before_the_grace_of_the_year_before(user):
    member(user, "full", date(2026, 1, 1), date(2026, 12, 31))
    member(user, "full", date(2027, 1, 1), date(2027, 12, 31))
    standing = standing_of(user, date(2027, 1, 5))
    assert (standing.state, standing.starts_on) == (State.CURRENT, date(2027, 1, 1))


def test_the_tier_says_what_is_opened_and_what_is_not(user):
    opens, closed = opened_by(Tier.objects.get(code="associate"))
    assert [activity.code for activity in closed] == ["full-library", "supervision"]
    assert "library" in [activity.code for activity in opens]
    assert opened_by(Tier.objects.get(code="full"))[1] == []


def test_groups_come_with_the_offices_held_that_day(user):
    group = WorkingGroup.objects.create(name="Trauma", slug="trauma", kind="theme")
    Participation.objects.create(user=user, group=group, starts_on=FIRST)
    Office.objects.create(user=user, group=group, role="lead", starts_on=FIRST, ends_on=date(2027, 5, 1))
    assert [(g.group, [o.role for o in g.offices]) for g in groups_of(user, date(2027, 5, 1))] == [(group, ["lead"])]
    assert groups_of(user, date(2027, 5, 2))[0].offices == []
    assert groups_of(user, FIRST - timedelta(days=1)) == []
