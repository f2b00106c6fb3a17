"""Rights follow dates: what somebody may see on a day, and not on the day before or after."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser, Group

from members.models import Participation, Tier, User, WorkingGroup
from members.rights import NO_RIGHTS, Rights, rights_of
from tests.personas import member, seat

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2027, 3, 10), date(2027, 9, 20)
GRACE_LAST = date(2027, 10, 20)  # thirty days after the last day


@pytest.fixture(autouse=True)
def grace(settings):
    settings.MEMBERSHIP_GRACE_DAYS = 30


@pytest.fixture
def group():
    return WorkingGroup.objects.create(name="Trauma", slug="trauma", kind="theme")


@pytest.mark.parametrize(
    ("on", "is_member"),
    [
        (date(2027, 3, 9), False),
        (FIRST, True),
        (date(2027, 6, 1), True),
        (LAST, True),
        (date(2027, 9, 21), True),
        (GRACE_LAST, True),
        (date(2027, 10, 21), False),
        (date(2028, 6, 1), False),
    ],
)
def test_a_membership_opens_doors_from_its_first_day_to_the_last_day_of_grace(user, on, is_member):
    member(user, "full", FIRST, LAST)
    assert rights_of(user, on) == Rights(is_member=is_member, full_access=is_member)


@pytest.mark.parametrize(
    ("on", "is_member"),
    [(date(2027, 3, 9), False), (FIRST, True), (LAST, True), (date(2027, 9, 21), False)],
)
def test_without_grace_the_last_day_is_the_last(user, settings, on, is_member):
    settings.MEMBERSHIP_GRACE_DAYS = 0
    member(user, "associate", FIRST, LAST)
    assert rights_of(user, on).is_member is is_member


@pytest.mark.parametrize(
    ("on", "is_member"),
    [
        (date(2026, 12, 31), False),
        (date(2027, 1, 1), True),
        (date(2027, 12, 31), True),
        (date(2028, 1, 1), True),
        (date(2028, 1, 30), True),
        (date(2028, 1, 31), False),
    ],
)
def test_a_calendar_year_runs_from_new_year_to_new_year_and_thirty_days(user, on, is_member):
    member(user, "full", date(2027, 1, 1), date(2027, 12, 31))
    assert rights_of(user, on).is_member is is_member


@pytest.mark.parametrize(
    ("first", "last", "on", "is_member"),
    [
        (date(2028, 2, 29), date(2029, 2, 28), date(2028, 2, 28), False),
        (date(2028, 2, 29), date(2029, 2, 28), date(2028, 2, 29), True),
        (date(2027, 3, 1), date(2028, 2, 29), date(2028, 2, 29), True),
        # Thirty days after 30 January 2028 is 29 February, and the day after is over.
        (date(2027, 1, 31), date(2028, 1, 30), date(2028, 2, 29), True),
        (date(2027, 1, 31), date(2028, 1, 30), date(2028, 3, 1), False),
        # In a common year the same thirty days end on 1 March.
        (date(2028, 1, 31), date(2029, 1, 30), date(2029, 3, 1), True),
        (date(2028, 1, 31), date(2029, 1, 30), date(2029, 3, 2), False),
    ],
)
def test_the_29th_of_february_is_a_day_like_others(user, first, last, on, is_member):
    member(user, "student", first, last)
    assert rights_of(user, on).is_member is is_member


@pytest.mark.parametrize(
    ("on", "is_member"),
    [(date(2027, 4, 9), False), (date(2027, 4, 10), True), (GRACE_LAST, True), (date(2027, 10, 21), False)],
)
def test_an_open_seat_lasts_as_long_as_its_organisation_with_grace(user, on, is_member):
    seat(user, (FIRST, LAST), starts_on=date(2027, 4, 10))
    assert rights_of(user, on) == Rights(is_member=is_member, full_access=is_member)


@pytest.mark.parametrize(("on", "is_member"), [(date(2027, 3, 9), False), (FIRST, True), (LAST, True)])
def test_a_seat_given_early_waits_for_its_organisation(user, on, is_member):
    seat(user, (FIRST, LAST), starts_on=date(2027, 1, 1))
    assert rights_of(user, on).is_member is is_member


@pytest.mark.parametrize(("on", "is_member"), [(date(2027, 5, 1), True), (date(2027, 5, 2), False)])
def test_a_seat_that_was_taken_away_ends_that_day_without_grace(user, on, is_member):
    seat(user, (FIRST, LAST), starts_on=FIRST, ends_on=date(2027, 5, 1))
    assert rights_of(user, on).is_member is is_member


@pytest.mark.parametrize("tier", ["associate", "student"])
def test_own_and_organisations_membership_together_give_the_better(user, tier):
    member(user, tier, FIRST, LAST)
    assert rights_of(user, LAST) == Rights(is_member=True, full_access=False)
    seat(user, (FIRST, LAST), starts_on=FIRST)
    assert rights_of(user, LAST) == Rights(is_member=True, full_access=True)


def test_when_the_better_membership_is_over_the_other_still_counts(user):
    member(user, "associate", FIRST, LAST)
    seat(user, (FIRST, LAST), starts_on=FIRST, ends_on=date(2027, 5, 1))
    assert rights_of(user, date(2027, 5, 2)) == Rights(is_member=True, full_access=False)


@pytest.mark.parametrize(
    ("code", "full_access"),
    [("full", True), ("associate", False), ("student", False)],
)
def test_full_access_is_what_the_tier_says(user, code, full_access):
    member(user, code, FIRST, LAST)
    assert rights_of(user, FIRST).full_access is full_access
    Tier.objects.filter(code=code).update(full_access=not full_access)
    assert rights_of(user, FIRST).full_access is not full_access


@pytest.mark.parametrize(
    ("on", "is_in"),
    [
        (date(2027, 4, 30), False),
        (date(2027, 5, 1), True),
        (date(2027, 6, 30), True),
        (date(2027, 7, 1), False),
    ],
)
def test_a_working_group_counts_on_both_end_days_and_has_no_grace(user, group, on, is_in):
    member(user, "associate", FIRST, LAST)
    Participation.objects.create(user=user, group=group, starts_on=date(2027, 5, 1), ends_on=date(2027, 6, 30))
    assert rights_of(user, on).groups == ({group.pk} if is_in else set())


def test_only_a_persons_own_groups_count(user, make_user, group):
    other = WorkingGroup.objects.create(name="Media", slug="media", kind="theme")
    someone = make_user("bo@example.org")
    for person in (user, someone):
        member(person, "full", FIRST, LAST)
    Participation.objects.create(user=user, group=group, starts_on=FIRST)
    Participation.objects.create(user=someone, group=other, starts_on=FIRST)
    assert rights_of(user, LAST).groups == {group.pk}
    assert rights_of(someone, LAST).groups == {other.pk}


@pytest.mark.parametrize(("on", "is_in"), [(GRACE_LAST, True), (date(2027, 10, 21), False)])
def test_who_is_no_member_any_more_is_in_no_working_group(user, group, on, is_in):
    member(user, "full", FIRST, LAST)
    Participation.objects.create(user=user, group=group, starts_on=FIRST)
    assert rights_of(user, on).groups == ({group.pk} if is_in else set())


def test_somebody_elses_membership_gives_nothing(user, make_user):
    member(make_user("bo@example.org"), "full", FIRST, LAST)
    seat(make_user("cy@example.org"), (FIRST, LAST), starts_on=FIRST)
    assert rights_of(user, LAST) == NO_RIGHTS


def test_the_secretariat_sees_all_without_being_a_member(secretariat):
    assert rights_of(secretariat, LAST) == Rights(sees_all=True)
    assert secretariat.is_secretariat


def test_another_staff_group_sees_no_more_than_its_membership(user):
    user.groups.add(Group.objects.get(name="Board"))
    assert rights_of(user, LAST) == NO_RIGHTS
    assert not user.is_secretariat


def test_an_administrator_sees_all():
    administrator = User.objects.create_superuser("root@example.org", "x", display_name="Root")
    assert rights_of(administrator, LAST).sees_all
    assert administrator.is_secretariat


def test_who_may_not_sign_in_has_no_rights_at_all(user, secretariat, group):
    member(user, "full", FIRST, LAST)
    Participation.objects.create(user=user, group=group, starts_on=FIRST)
    for person in (user, secretariat):
        person.is_active = False
        person.is_superuser = True
        assert rights_of(person, LAST) == NO_RIGHTS
        assert not User.objects.get(pk=person.pk).is_superuser
        assert not person.is_secretariat


def test_a_stranger_has_no_rights_and_costs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert rights_of(AnonymousUser()) == NO_RIGHTS


def test_rights_take_one_query_however_much_somebody_holds(user, group, django_assert_num_queries):
    for tier in ("full", "associate"):
        member(user, tier, FIRST, LAST)
    seat(user, (FIRST, LAST), starts_on=FIRST)
    user.groups.add(Group.objects.get(name="Secretariat"))
    for number in range(5):
        more = WorkingGroup.objects.create(name=f"G{number}", slug=f"g{number}", kind="theme")
        Participation.objects.create(user=user, group=more, starts_on=FIRST)
    with django_assert_num_queries(1):
        rights = rights_of(user, LAST)
    assert len(rights.groups) == 5
    assert rights.is_member
    assert rights.full_access
    assert rights.sees_all


@pytest.mark.parametrize(
    ("now", "is_member"),
    [
        (datetime(2027, 10, 20, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2027, 10, 21, 0, 0, 0, tzinfo=UTC), False),
    ],
)
def test_today_is_the_date_in_utc(user, settings, now, is_member):
    settings.TIME_ZONE = "Pacific/Auckland"
    member(user, "full", FIRST, LAST)
    with time_machine.travel(now, tick=False):
        assert rights_of(user).is_member is is_member
