"""People and what they hold: rules that the forms and the database keep."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import override

from members.models import (
    Membership,
    Office,
    Organisation,
    Participation,
    Seat,
    Tier,
    User,
    WorkingGroup,
)

pytestmark = pytest.mark.django_db

FIRST, BEFORE = date(2027, 3, 10), date(2027, 3, 9)


@pytest.fixture
def group():
    return WorkingGroup.objects.create(name="Trauma", slug="trauma", kind="theme")


@pytest.fixture
def organisation():
    tier = Tier.objects.get(code="organisational")
    return Organisation.objects.create(name="A body", tier=tier, starts_on=FIRST, ends_on=date(2028, 3, 9))


def test_an_address_is_one_person_however_it_is_written(make_user):
    person = make_user("Ada.Lovelace@Example.ORG")
    assert person.email == "ada.lovelace@example.org"
    assert User.objects.get_by_natural_key("ADA.lovelace@example.org ") == person
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user("ADA.LOVELACE@EXAMPLE.ORG")


def test_the_database_refuses_an_address_in_capitals(user):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(email="ADA@example.org")


def test_every_name_of_a_person_is_the_display_name(make_user):
    person = make_user(display_name="Wren", legal_name="Ada King")
    names = {str(person), person.get_full_name(), person.get_short_name()}
    assert names == {"Wren"}


def test_a_person_has_a_display_name_and_it_is_no_address(make_user):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user(display_name="")
    with pytest.raises(ValidationError) as refused:
        User(email="ada@example.org", password="x", display_name="ada@example.org").full_clean()
    assert set(refused.value.message_dict) == {"display_name"}


def test_a_person_needs_an_address():
    with pytest.raises(ValueError, match="e-mail"):
        User.objects.create_user("", "x", display_name="Ada")


def test_an_unknown_time_zone_is_refused(user):
    user.time_zone = "Mars/Olympus_Mons"
    with pytest.raises(ValidationError) as refused:
        user.full_clean()
    assert set(refused.value.message_dict) == {"time_zone"}


def dated_things(user, group, organisation):
    tier = Tier.objects.get(code="full")
    return {
        "membership": lambda **days: Membership(user=user, tier=tier, **days),
        "organisation": lambda **days: Organisation(name="B", tier=organisation.tier, **days),
        "seat": lambda **days: Seat(user=user, organisation=organisation, **days),
        "participation": lambda **days: Participation(user=user, group=group, **days),
        "office": lambda **days: Office(user=user, group=group, role="lead", **days),
    }


@pytest.mark.parametrize("name", ["membership", "organisation", "seat", "participation", "office"])
def test_a_last_day_before_the_first_is_refused_by_form_and_database(name, user, group, organisation):
    make = dated_things(user, group, organisation)[name]
    with pytest.raises(ValidationError) as refused:
        make(starts_on=FIRST, ends_on=BEFORE).full_clean()
    assert "ends_on" in refused.value.message_dict
    with pytest.raises(IntegrityError), transaction.atomic():
        make(starts_on=FIRST, ends_on=BEFORE).save()
    make(starts_on=FIRST, ends_on=FIRST).save()


@pytest.mark.parametrize("name", ["seat", "participation", "office"])
def test_nobody_holds_the_same_twice_without_an_end(name, user, group, organisation):
    make = dated_things(user, group, organisation)[name]
    make(starts_on=FIRST, ends_on=FIRST).save()
    make(starts_on=FIRST).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        make(starts_on=date(2027, 5, 1)).save()


@pytest.mark.parametrize(
    ("code", "starts_on", "last_day"),
    [
        ("full", date(2027, 1, 1), date(2027, 12, 31)),
        ("full", date(2027, 12, 31), date(2027, 12, 31)),
        ("associate", date(2027, 1, 1), date(2027, 12, 31)),
        ("associate", date(2027, 3, 10), date(2028, 3, 9)),
        ("associate", date(2027, 3, 1), date(2028, 2, 29)),
        ("associate", date(2028, 2, 29), date(2029, 2, 28)),
    ],
)
def test_a_period_ends_with_the_year_or_on_the_eve_of_its_anniversary(code, starts_on, last_day):
    assert Tier.objects.get(code=code).last_day(starts_on) == last_day


def test_a_last_day_left_empty_is_the_last_of_the_tiers_period(user):
    membership = Membership(user=user, tier=Tier.objects.get(code="student"), starts_on=FIRST)
    membership.full_clean()
    assert membership.ends_on == date(2028, 3, 9)


def test_persons_and_organisations_take_the_tiers_that_are_for_them(user):
    with pytest.raises(ValidationError) as refused:
        Membership(user=user, tier=Tier.objects.get(code="organisational"), starts_on=FIRST).full_clean()
    assert set(refused.value.message_dict) == {"tier"}
    with pytest.raises(ValidationError) as refused:
        Organisation(name="B", tier=Tier.objects.get(code="full"), starts_on=FIRST).full_clean()
    assert set(refused.value.message_dict) == {"tier"}


def test_only_somebody_in_the_group_holds_an_office_there(user, group):
    office = Office(user=user, group=group, role="lead", starts_on=FIRST)
    with pytest.raises(ValidationError) as refused:
        office.full_clean()
    assert set(refused.value.message_dict) == {"user"}
    past = Participation.objects.create(user=user, group=group, starts_on=date(2026, 1, 1), ends_on=BEFORE)
    with pytest.raises(ValidationError):
        office.full_clean()
    past.ends_on = FIRST
    past.save()
    office.full_clean()


@pytest.mark.parametrize(
    ("code", "fee", "reduced", "full_access"),
    [
        ("full", "150.00", "75.00", True),
        ("organisational", "1500.00", "750.00", True),
        ("associate", "100.00", "50.00", False),
        ("student", "75.00", "37.50", False),
    ],
)
def test_the_four_tiers_cost_and_open_what_the_association_decided(code, fee, reduced, full_access):
    tier = Tier.objects.get(code=code)
    assert (tier.fee, tier.reduced_fee) == (Decimal(fee), Decimal(reduced))
    assert tier.full_access is full_access


@pytest.mark.parametrize("fields", [{"fee": -1}, {"reduced_share": 2}, {"reduced_share": -1}])
def test_the_database_refuses_a_fee_that_is_none(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Tier.objects.filter(code="full").update(**fields)


@pytest.mark.parametrize(("chosen", "used"), [("de", "de"), ("ar", "ar"), ("xx", "en"), ("", "en")])
def test_the_hub_writes_in_a_language_it_has(chosen, used):
    assert User(language=chosen).hub_language == used


def test_words_come_in_the_readers_language_and_else_in_english():
    tier = Tier.objects.get(code="full")
    with override("de"):
        assert tier.name_here == "Vollmitglied"
        tier.name_de = ""
        assert tier.name_here == "Full"
    with override("es"):
        assert tier.name_here == "Full"
