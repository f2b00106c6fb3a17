"""The baseline is made wherever it is missing; the demo's people only in the demo."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import date, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from members.baseline import make_baseline
from members.checks import no_demo_accounts, refuse_demo_accounts
from members.demo import DEMO_PASSWORD, GROUPS, PEOPLE, make_demo_groups, make_demo_people
from members.models import Activity, Membership, Office, Organisation, Seat, Tier, User, WorkingGroup
from members.rights import NO_RIGHTS, Rights, rights_of

pytestmark = pytest.mark.django_db


def everything() -> list[object]:
    """The rows of the baseline, for comparing."""
    secretariat = Group.objects.get(name="Secretariat")
    return [
        *Tier.objects.values(),
        *Activity.objects.values(),
        *Activity.tiers.through.objects.values_list("activity_id", "tier_id"),
        *Group.objects.values(),
        *secretariat.permissions.order_by("pk").values_list("codename"),
    ]


def test_the_baseline_may_be_made_any_number_of_times():
    before = everything()
    make_baseline()
    assert everything() == before


def test_the_baseline_comes_back_after_the_database_was_flushed():
    Activity.objects.all().delete()
    Tier.objects.all().delete()
    Group.objects.all().delete()
    Permission.objects.filter(content_type__app_label__in=["members", "wagtailadmin"]).delete()
    make_baseline()
    assert list(Tier.objects.values_list("code", flat=True)) == ["full", "organisational", "associate", "student"]
    assert Group.objects.filter(name__in=["Secretariat", "Board"]).count() == 2
    granted = Group.objects.get(name="Secretariat").permissions.values_list("codename", flat=True)
    assert {"access_admin", "add_membership", "change_tier", "delete_seat", "change_user"} <= set(granted)


def test_what_the_secretariat_changed_stays():
    Tier.objects.filter(code="full").update(fee=200, name="Practitioner")
    Activity.objects.filter(code="supervision").delete()
    make_baseline()
    tier = Tier.objects.get(code="full")
    assert (tier.fee, tier.name) == (200, "Practitioner")
    assert not Activity.objects.filter(code="supervision").exists()


def test_the_table_of_tiers_and_activities_is_the_associations():
    restricted = {"full-library", "supervision"}
    table = {tier.code: set(tier.activities.values_list("code", flat=True)) for tier in Tier.objects.all()}
    every = set(Activity.objects.values_list("code", flat=True))
    assert table == {
        "full": every,
        "organisational": every,
        "associate": every - restricted,
        "student": every - restricted,
    }


def test_every_wording_of_the_baseline_stands_in_four_languages():
    for thing in [*Tier.objects.all(), *Activity.objects.all()]:
        for field in ("name", "for_whom"):
            if hasattr(thing, field):
                words = [getattr(thing, f"{field}{code}") for code in ("", "_de", "_fr", "_ar")]
                assert all(words), (thing, field)


DEMO_RIGHTS = {
    "student": Rights(is_member=True),
    "associate": Rights(is_member=True),
    "full": Rights(is_member=True, full_access=True),
    "seat": Rights(is_member=True, full_access=True),
    "lapsed": NO_RIGHTS,
    "secretariat": Rights(sees_all=True),
    "board": Rights(is_member=True, full_access=True),
}
IN_GROUPS = {
    "lead": (True, {"family-and-community", "east-africa"}),
    "colead": (True, {"family-and-community"}),
    "groupmember": (False, {"family-and-community"}),
    "author": (False, {"family-and-community", "central-europe"}),
    "othermember": (False, {"prison-and-probation"}),
    "otherlead": (True, {"prison-and-probation"}),
}


@pytest.mark.parametrize("on", [date(2027, 1, 1), date(2027, 7, 1), date(2028, 2, 29), date(2027, 12, 31)])
def test_the_demos_people_are_what_they_are_called_on_whatever_day_it_is_made(on):
    people = make_demo_people(on)
    assert {person.account for person in PEOPLE} == set(DEMO_RIGHTS) | set(IN_GROUPS) == set(people)
    for name, rights in DEMO_RIGHTS.items():
        assert rights_of(people[name], on) == rights, name
    slugs = dict(WorkingGroup.objects.values_list("pk", "slug"))
    for name, (full_access, groups) in IN_GROUPS.items():
        rights = rights_of(people[name], on)
        assert (rights.full_access, {slugs[pk] for pk in rights.groups}) == (full_access, groups), name
    assert all(user.email.endswith("@demo.example") for user in people.values())
    assert people["lead"].check_password(DEMO_PASSWORD)
    offices = Office.objects.values_list("user__email", "role", "group__slug")
    assert set(offices) == {
        ("lead@demo.example", "lead", "family-and-community"),
        ("colead@demo.example", "lead", "family-and-community"),
        ("author@demo.example", "author", "family-and-community"),
        ("otherlead@demo.example", "lead", "prison-and-probation"),
    }


def test_the_lapsed_ones_membership_ended_last_year():
    people = make_demo_people(date(2027, 7, 1))
    assert people["lapsed"].memberships.get().ends_on <= date(2026, 12, 31)


def test_the_demo_has_two_groups_by_theme_and_two_by_place_named_in_four_languages():
    groups = make_demo_groups().values()
    assert sorted(group.kind for group in groups) == ["location", "location", "theme", "theme"]
    assert all(group.name_de and group.name_fr and group.name_ar for group in groups)
    assert len(GROUPS) == 4


def test_a_demo_started_again_keeps_its_people_and_renews_what_ran_out():
    make_demo_people(date(2027, 7, 1))
    User.objects.filter(email="full@demo.example").update(display_name="Changed")
    counts = [model.objects.count() for model in (User, Membership, Seat, Organisation, Office)]
    make_demo_people(date(2027, 8, 1))
    assert [model.objects.count() for model in (User, Membership, Seat, Organisation, Office)] == counts
    later = date(2028, 7, 1)
    people = make_demo_people(later)
    assert people["full"].display_name == "Changed"
    for name in ("full", "seat", "lead", "student"):
        assert rights_of(people[name], later).is_member, name
    assert rights_of(people["lapsed"], later) == NO_RIGHTS


def test_demo_people_are_made_in_the_demo_alone(settings):
    settings.DEMO_ACCOUNTS = False
    for make in (make_demo_people, make_demo_groups):
        with pytest.raises(ImproperlyConfigured, match="demo settings only"):
            make()
    assert not User.objects.exists()


@pytest.fixture
def demo_account(make_user):
    return make_user("lead@demo.example", is_active=False)


def test_outside_the_demo_a_demo_account_is_an_error_of_the_system_check(settings, demo_account):
    assert no_demo_accounts() == []
    settings.DEMO_ACCOUNTS = False
    assert "members.E001" in {message.id for message in run_checks()}
    with pytest.raises(ImproperlyConfigured, match="1 demo accounts"):
        refuse_demo_accounts()


def test_other_people_stop_nothing(settings, make_user):
    settings.DEMO_ACCOUNTS = False
    make_user("lead@demo.example.org")
    make_user("lead@notdemo.example")
    refuse_demo_accounts()
    assert no_demo_accounts() == []


def test_demo_accounts_are_shown_first_and_then_taken_away(settings, demo_account, make_user):
    settings.DEMO_ACCOUNTS = False
    make_user("ada@example.org")
    out, err = StringIO(), StringIO()
    call_command("remove_demo_accounts", stdout=out, stderr=err)
    assert out.getvalue() == "lead@demo.example\n"
    assert "Nothing was changed" in err.getvalue()
    assert User.objects.count() == 2
    call_command("remove_demo_accounts", "--write", stdout=out, stderr=err)
    assert [user.email for user in User.objects.all()] == ["ada@example.org"]
    refuse_demo_accounts()
    call_command("remove_demo_accounts", "--write", stdout=out, stderr=err)


def test_a_command_that_checks_the_system_is_stopped_too(settings, demo_account):
    settings.DEMO_ACCOUNTS = False
    with pytest.raises(CommandError, match=r"members\.E001"):
        call_command("check", stdout=StringIO(), stderr=StringIO())


def start_web_server(folder, **environment: str) -> subprocess.CompletedProcess[str]:
    """Load what gunicorn loads, in a process of its own, under the production settings."""
    return subprocess.run(
        [sys.executable, "-c", "import hub.wsgi"],
        env={
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DJANGO_SETTINGS_MODULE": "hub.settings.production",
            "SECRET_KEY": "k3y-" * 20,
            "ALLOWED_HOSTS": "hub.example.org",
            "BASE_URL": "https://hub.example.org",
            "HUB_VAR": str(folder),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_web_server_refuses_to_start_in_production_with_a_demo_account(tmp_path):
    # One table is all the door asks for; a whole database would take the test half a minute.
    with sqlite3.connect(tmp_path / "hub.sqlite3") as database:
        columns = ", ".join(f'"{field.column}"' for field in User._meta.local_fields)
        database.execute(f'CREATE TABLE "{User._meta.db_table}" ({columns})')
    started = start_web_server(tmp_path)
    assert started.returncode == 0, started.stderr
    with sqlite3.connect(tmp_path / "hub.sqlite3") as database:
        database.execute(f'INSERT INTO "{User._meta.db_table}" (email) VALUES (?)', ["lead@demo.example"])
    refused = start_web_server(tmp_path)
    assert refused.returncode != 0
    assert "1 demo accounts are in this database" in refused.stderr
    assert "remove_demo_accounts" in refused.stderr
    assert "lead@" not in refused.stderr


def test_last_years_demo_is_not_wrong_by_a_day():
    new_year = date(2028, 1, 1)
    people = make_demo_people(new_year - timedelta(days=1))
    people = make_demo_people(new_year)
    assert rights_of(people["full"], new_year).is_member
