"""Who leads and who writes for which working group, day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from members.models import Office, Participation, User, WorkingGroup
from members.offices import holders, leads_of, offices_of, secretariat
from tests import personas

pytestmark = pytest.mark.django_db

DAY = date(2027, 3, 1)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


@pytest.fixture
def group() -> WorkingGroup:
    return personas.make_groups()[personas.GROUP]


@pytest.fixture
def lead(group: WorkingGroup) -> User:
    """Somebody who leads the group on one day only, and is a member and in it for long."""
    user = personas.make_user("ada")
    personas.member(user, "full", DAY - timedelta(days=100), DAY + timedelta(days=100))
    Participation.objects.create(user=user, group=group, starts_on=DAY - timedelta(days=100))
    Office.objects.create(user=user, group=group, role=Office.Role.LEAD, starts_on=DAY, ends_on=DAY)
    return user


def test_an_office_counts_from_its_first_day_to_its_last(lead, group):
    assert offices_of(lead, DAY).leads == {group.pk}
    assert offices_of(lead, DAY).groups == {group.pk}
    assert not offices_of(lead, BEFORE)
    assert not offices_of(lead, AFTER)
    assert list(leads_of(group, DAY)) == [lead]
    assert list(leads_of(group, AFTER)) == []


def test_it_takes_one_query(lead, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert offices_of(lead, DAY)
    with django_assert_num_queries(0):
        assert not offices_of(AnonymousUser())


@pytest.mark.parametrize("lost", ["membership", "participation", "account"])
def test_it_counts_only_for_members_in_the_group_who_may_sign_in(lead, group, lost):
    if lost == "membership":
        lead.memberships.update(starts_on=DAY - timedelta(days=400), ends_on=DAY - timedelta(days=200))
    elif lost == "participation":
        lead.participations.update(ends_on=BEFORE)
    else:
        lead.is_active = False
        lead.save()
    assert not offices_of(lead, DAY)
    assert not holders([group], DAY).exists()


def test_grace_and_seats_count_as_membership(lead, group):
    lead.memberships.update(ends_on=BEFORE)
    assert offices_of(lead, DAY)
    lead.memberships.all().delete()
    assert not offices_of(lead, DAY)
    personas.seat(lead, (BEFORE, AFTER), BEFORE)
    assert offices_of(lead, DAY).leads == {group.pk}


def test_leads_and_authors_are_told_apart_group_by_group(lead, group):
    other = personas.make_groups()[personas.OTHER_GROUP]
    Participation.objects.create(user=lead, group=other, starts_on=BEFORE)
    Office.objects.create(user=lead, group=other, role=Office.Role.AUTHOR, starts_on=BEFORE)
    found = offices_of(lead, DAY)
    assert (found.leads, found.authors) == ({group.pk}, {other.pk})
    assert found.groups == {group.pk, other.pk}
    assert not leads_of(other, DAY).exists()
    assert list(holders([other, group], DAY)) == [lead]


def test_the_secretariat_are_those_in_its_group_who_may_sign_in():
    people = personas.make_personas()
    assert list(secretariat()) == [people["secretariat"]]
    people["secretariat"].is_active = False
    people["secretariat"].save()
    assert not secretariat().exists()
