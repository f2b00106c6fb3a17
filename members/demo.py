"""The people and working groups of the demo. Their password is published: never on a real hub."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from .baseline import make_baseline
from .models import (
    BOARD,
    SECRETARIAT,
    Membership,
    Office,
    Organisation,
    Participation,
    Seat,
    Tier,
    User,
    WorkingGroup,
    today,
)

DEMO_DOMAIN = "demo.example"
DEMO_PASSWORD = "index-demo"

GROUPS: list[dict[str, str]] = [
    {
        "slug": "family-and-community",
        "kind": "theme",
        "name": "Family and community",
        "name_de": "Familie und Umfeld",
        "name_fr": "Famille et entourage",
        "name_ar": "الأسرة والمجتمع",
        "description": "Work with parents, partners and the people around somebody who leaves.",
    },
    {
        "slug": "prison-and-probation",
        "kind": "theme",
        "name": "Prison and probation",
        "name_de": "Haft und Bewährung",
        "name_fr": "Prison et probation",
        "name_ar": "السجن والمراقبة القضائية",
        "description": "Work in custody, before release and under supervision afterwards.",
    },
    {
        "slug": "east-africa",
        "kind": "location",
        "entry": "open",
        "name": "East Africa",
        "name_de": "Ostafrika",
        "name_fr": "Afrique de l’Est",
        "name_ar": "شرق أفريقيا",
        "description": "Practitioners in East Africa, across borders and languages.",
    },
    {
        "slug": "central-europe",
        "kind": "location",
        "name": "Central Europe",
        "name_de": "Mitteleuropa",
        "name_fr": "Europe centrale",
        "name_ar": "أوروبا الوسطى",
        "description": "Practitioners in Central Europe, across borders and languages.",
    },
]


@dataclass(frozen=True)
class DemoPerson:
    """One account of the demo, at the demo's domain."""

    account: str
    display_name: str
    sort: str  # for the list of accounts that the demo prints
    tier: str = ""
    groups: tuple[str, ...] = ()
    offices: tuple[tuple[str, str], ...] = ()
    staff: tuple[str, ...] = ()
    has_seat: bool = False
    is_lapsed: bool = False
    language: str = "en"
    time_zone: str = field(default="Europe/Berlin")

    @property
    def email(self) -> str:
        return f"{self.account}@{DEMO_DOMAIN}"


FAMILY, PRISON = "family-and-community", "prison-and-probation"
PEOPLE = [
    DemoPerson("student", "Noor", "Student member", "student", time_zone="Europe/Paris"),
    DemoPerson("associate", "Ines", "Associate member", "associate", time_zone="Europe/Lisbon"),
    DemoPerson("full", "Marek", "Full member, in no working group", "full"),
    DemoPerson("seat", "Jonas", "employee of an organisation", has_seat=True),
    DemoPerson("lapsed", "Alma", "membership ended last year", "associate", is_lapsed=True),
    DemoPerson(
        "lead",
        "Wanjiru",
        "Full member, lead of “Family and community”",
        "full",
        (FAMILY, "east-africa"),
        ((FAMILY, Office.Role.LEAD),),
        time_zone="Africa/Nairobi",
    ),
    DemoPerson(
        "colead",
        "Ebo",
        "Full member, second lead of “Family and community”",
        "full",
        (FAMILY,),
        ((FAMILY, Office.Role.LEAD),),
        time_zone="Africa/Accra",
    ),
    DemoPerson(
        "groupmember",
        "Salma",
        "Associate member in “Family and community”",
        "associate",
        (FAMILY,),
        time_zone="Africa/Tunis",
    ),
    DemoPerson(
        "author",
        "Tomasz",
        "Associate member, author in “Family and community”",
        "associate",
        (FAMILY, "central-europe"),
        ((FAMILY, Office.Role.AUTHOR),),
        time_zone="Europe/Warsaw",
    ),
    DemoPerson(
        "othermember",
        "Leïla",
        "Associate member in “Prison and probation”",
        "associate",
        (PRISON,),
        time_zone="Africa/Tunis",
    ),
    DemoPerson(
        "otherlead",
        "Greta",
        "Full member, lead of “Prison and probation”",
        "full",
        (PRISON,),
        ((PRISON, Office.Role.LEAD),),
        time_zone="Europe/Vienna",
    ),
    DemoPerson("secretariat", "The secretariat", "runs the hub", "", staff=(SECRETARIAT,)),
    DemoPerson("board", "Board member", "Full member, on the board", "full", staff=(BOARD,)),
]


def refuse_outside_the_demo() -> None:
    """Raise ImproperlyConfigured unless these settings are the demo's (DEMO_ACCOUNTS)."""
    if not getattr(settings, "DEMO_ACCOUNTS", False):
        raise ImproperlyConfigured("Demo accounts are made under the demo settings only")


@transaction.atomic
def make_demo_groups() -> dict[str, WorkingGroup]:
    """Make the demo's working groups where they are missing; by their slugs."""
    refuse_outside_the_demo()
    return {
        group["slug"]: WorkingGroup.objects.get_or_create(slug=group["slug"], defaults=group)[0] for group in GROUPS
    }


@transaction.atomic
def make_demo_people(on: date | None = None) -> dict[str, User]:
    """Make the demo's people with memberships that hold on ``on`` (default: today).

    Returns them by account name ("lead"). Run again, it keeps the people and gives those whose
    membership has run out a new one, so that a demo made last year is still a demo.
    """
    refuse_outside_the_demo()
    make_baseline()
    on = on or today()
    groups = make_demo_groups()
    tiers = Tier.objects.in_bulk(field_name="code")
    people = {person.account: make_person(person, tiers, groups, on) for person in PEOPLE}
    organisation, _ = Organisation.objects.get_or_create(
        name="Bridge House (example)",
        defaults={
            "tier": tiers["organisational"],
            "starts_on": year_begins(on),
            "ends_on": year_ends(on),
        },
    )
    if organisation.ends_on < on:
        organisation.ends_on = year_ends(on)
        organisation.save()
    for person in PEOPLE:
        if person.has_seat:
            Seat.objects.get_or_create(
                user=people[person.account],
                organisation=organisation,
                ends_on=None,
                defaults={"starts_on": organisation.starts_on},
            )
    return people


def make_person(person: DemoPerson, tiers: dict[str, Tier], groups: dict[str, WorkingGroup], on: date) -> User:
    """Make one person of the demo with all that he or she holds."""
    user = User.objects.filter(email=person.email).first() or User.objects.create_user(
        person.email,
        DEMO_PASSWORD,
        display_name=person.display_name,
        language=person.language,
        time_zone=person.time_zone,
    )
    for name in person.staff:
        user.groups.add(Group.objects.get(name=name))
    if person.is_lapsed and not user.memberships.exists():
        # Last year's, and over for longer than any grace, whatever day the demo is made.
        last_day = min(date(on.year - 1, 12, 31), on - timedelta(days=200))
        make_membership(user, tiers[person.tier], year_begins(last_day), last_day)
    is_paid_up = person.is_lapsed or user.memberships.filter(ends_on__gte=on).exists()
    if person.tier and not is_paid_up:
        make_membership(user, tiers[person.tier], year_begins(on), year_ends(on))
    for slug in person.groups:
        Participation.objects.get_or_create(
            user=user, group=groups[slug], ends_on=None, defaults={"starts_on": year_begins(on)}
        )
    for slug, role in person.offices:
        Office.objects.get_or_create(
            user=user,
            group=groups[slug],
            role=role,
            ends_on=None,
            defaults={"starts_on": year_begins(on)},
        )
    return user


def make_membership(user: User, tier: Tier, starts_on: date, ends_on: date) -> None:
    """Give a person one membership."""
    Membership.objects.create(user=user, tier=tier, starts_on=starts_on, ends_on=ends_on)


def year_begins(day: date) -> date:
    """1 January of the day's year."""
    return date(day.year, 1, 1)


def year_ends(day: date) -> date:
    """31 December of the day's year."""
    return date(day.year, 12, 31)
