"""Every sort of visitor a door is tried with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.contrib.auth.models import AnonymousUser, Group

from members.baseline import make_baseline
from members.models import (
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

PASSWORD = "a-password-for-tests"
GROUP = "family-and-community"
OTHER_GROUP = "prison-and-probation"

# name: (tier, working group, office, staff group). "seat" is a member through an organisation.
TABLE: dict[str, tuple[str, str, str, str]] = {
    "student": ("student", "", "", ""),
    "associate": ("associate", "", "", ""),
    "full": ("full", "", "", ""),
    "seat": ("organisational", "", "", ""),
    "group_associate": ("associate", GROUP, "", ""),
    "group_full": ("full", GROUP, "", ""),
    "author": ("associate", GROUP, Office.Role.AUTHOR, ""),
    "lead": ("full", GROUP, Office.Role.LEAD, ""),
    "othermember": ("associate", OTHER_GROUP, "", ""),
    "otherlead": ("full", OTHER_GROUP, Office.Role.LEAD, ""),
    "secretariat": ("", "", "", SECRETARIAT),
    "board": ("full", "", "", BOARD),
}
NAMES: list[str] = ["anonymous", "lapsed", *TABLE]


def make_groups() -> dict[str, WorkingGroup]:
    """The working group of the tests and the other one, by slug."""
    return {
        slug: WorkingGroup.objects.get_or_create(slug=slug, defaults={"name": name, "kind": WorkingGroup.Kind.THEME})[0]
        for slug, name in [(GROUP, "Family and community"), (OTHER_GROUP, "Prison and probation")]
    }


def make_personas(on: date | None = None) -> dict[str, User | AnonymousUser]:
    """Make one of every sort of visitor (``NAMES``), with memberships that hold on ``on``.

    Sign one in with ``client.force_login(person)``; "anonymous" has no account. The lapsed one
    was a Full member, in the group and its lead: everything but the dates would open the doors.
    """
    make_baseline()
    on = on or today()
    groups = make_groups()
    tiers = Tier.objects.in_bulk(field_name="code")
    first, last = on - timedelta(days=30), on + timedelta(days=300)
    people: dict[str, User | AnonymousUser] = {"anonymous": AnonymousUser()}
    long_ago = on - timedelta(days=400)
    people["lapsed"] = lapsed = make_user("lapsed")
    Membership.objects.create(user=lapsed, tier=tiers["full"], starts_on=long_ago, ends_on=on - timedelta(days=200))
    Participation.objects.create(user=lapsed, group=groups[GROUP], starts_on=long_ago)
    Office.objects.create(user=lapsed, group=groups[GROUP], role=Office.Role.LEAD, starts_on=long_ago)
    for name, (tier, group, office, staff) in TABLE.items():
        people[name] = user = make_user(name)
        if tier and tiers[tier].for_organisations:
            organisation = Organisation.objects.create(
                name="An organisation", tier=tiers[tier], starts_on=first, ends_on=last
            )
            Seat.objects.create(user=user, organisation=organisation, starts_on=first)
        elif tier:
            Membership.objects.create(user=user, tier=tiers[tier], starts_on=first, ends_on=last)
        if group:
            Participation.objects.create(user=user, group=groups[group], starts_on=first)
        if office:
            Office.objects.create(user=user, group=groups[group], role=office, starts_on=first)
        if staff:
            user.groups.add(Group.objects.get(name=staff))
    return people


def make_user(name: str) -> User:
    """A person called after the sort of visitor he or she is."""
    return User.objects.create_user(f"{name}@example.org", PASSWORD, display_name=f"A {name}")


def accounts(people: dict[str, User | AnonymousUser]) -> Iterator[tuple[str, User]]:
    """Those of the personas who can sign in."""
    for name, person in people.items():
        if isinstance(person, User):
            yield name, person


def member(user: User, tier: str, starts_on: date, ends_on: date) -> Membership:
    """Give a person an own membership."""
    return Membership.objects.create(user=user, tier=Tier.objects.get(code=tier), starts_on=starts_on, ends_on=ends_on)


def seat(user: User, organisation: tuple[date, date], starts_on: date, ends_on: date | None = None) -> Seat:
    """Give a person a seat in an organisation that is a member for these days."""
    body = Organisation.objects.create(
        name="A body",
        tier=Tier.objects.get(code="organisational"),
        starts_on=organisation[0],
        ends_on=organisation[1],
    )
    return Seat.objects.create(user=user, organisation=body, starts_on=starts_on, ends_on=ends_on)
