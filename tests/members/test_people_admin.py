"""The secretariat manages people and what they hold in the admin, and makes no administrators."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from members.models import (
    Activity,
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

PERSON = {
    "email": "New.Person@Example.org",
    "display_name": "Robin",
    "legal_name": "Robin Legal",
    "language": "de",
    "time_zone": "Europe/Berlin",
}
MANAGED = [Membership, Organisation, Seat, WorkingGroup, Participation, Office, Tier, Activity]


@pytest.fixture
def office(client, secretariat):
    """The secretariat's browser."""
    client.force_login(secretariat)
    return client


@pytest.fixture
def administrator():
    return User.objects.create_superuser("root@example.org", "x", display_name="Root")


def views_of(model, view: str, *args) -> str:
    return reverse(f"wagtailsnippets_members_{model._meta.model_name}:{view}", args=args)


def form_errors(response) -> set[str]:
    return set(response.context["form"].errors)


def test_a_new_person_is_made_without_first_and_last_name_and_gets_a_link(office, django_capture_on_commit_callbacks):
    page = office.get(reverse("wagtailusers_users:add"))
    assert page.status_code == 200
    text = page.content.decode()
    for absent in ("first_name", "last_name", "password1"):
        assert absent not in text
    with django_capture_on_commit_callbacks(execute=True):
        response = office.post(reverse("wagtailusers_users:add"), {**PERSON, "sends_link": "on"})
    assert response.status_code == 302
    person = User.objects.get(email="new.person@example.org")
    assert (person.display_name, person.legal_name, person.language) == ("Robin", "Robin Legal", "de")
    assert not person.has_usable_password()
    (waiting,) = DBTaskResult.objects.all()
    assert waiting.task_result.args == [person.pk]


def test_no_link_is_sent_unless_wished(office, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        office.post(reverse("wagtailusers_users:add"), PERSON)
    assert User.objects.filter(email="new.person@example.org").exists()
    assert not DBTaskResult.objects.exists()


def test_an_address_that_is_here_already_is_refused_however_it_is_written(office, user):
    response = office.post(reverse("wagtailusers_users:add"), {**PERSON, "email": "ADA@example.org"})
    assert response.status_code == 200
    assert form_errors(response) == {"email"}


def test_a_person_is_changed_and_keeps_the_password(office, user):
    address = reverse("wagtailusers_users:edit", args=[user.pk])
    assert office.get(address).status_code == 200
    office.post(address, {**PERSON, "is_active": "on"})
    changed = User.objects.get(pk=user.pk)
    assert (changed.email, changed.display_name) == ("new.person@example.org", "Robin")
    assert changed.password == user.password


def test_a_person_who_may_not_sign_in_any_more_is_out_at_once(office, user):
    theirs = Client()
    theirs.force_login(user)
    office.post(reverse("wagtailusers_users:edit", args=[user.pk]), PERSON)
    assert theirs.get("/account/").status_code == 302


def test_people_are_found_by_display_name_and_by_address_and_shown_without_legal_names(office, make_user):
    make_user("wren@example.org", display_name="Wren", legal_name="Christopher Legal")
    make_user("bo@example.org", display_name="Bo")
    index = reverse("wagtailusers_users:index")
    for words in ("Wren", "wren@"):
        text = office.get(index, {"q": words}).content.decode()
        assert "Wren" in text
        assert "bo@example.org" not in text
        assert "Christopher" not in text
    assert office.get(index, {"q": "Christopher"}).context["users"].count() == 0


def test_the_secretariat_makes_no_administrators(office, user):
    office.post(reverse("wagtailusers_users:add"), {**PERSON, "is_superuser": "on"})
    address = reverse("wagtailusers_users:edit", args=[user.pk])
    office.post(address, {**PERSON, "email": "other@example.org", "is_active": "on", "is_superuser": "on"})
    assert not User.objects.filter(is_superuser=True).exists()


def test_the_secretariat_does_not_reach_an_administrators_account(office, administrator):
    address = reverse("wagtailusers_users:edit", args=[administrator.pk])
    for response in (office.get(address), office.post(address, {**PERSON, "is_active": "on"})):
        assert response.status_code == 302
        assert response["Location"] == reverse("wagtailadmin_home")
    assert User.objects.get(pk=administrator.pk).email == "root@example.org"


def test_an_administrator_makes_administrators_but_does_not_lock_out_himself(client, user, administrator):
    client.force_login(administrator)
    client.post(reverse("wagtailusers_users:edit", args=[user.pk]), {**PERSON, "is_active": "on", "is_superuser": "on"})
    assert User.objects.get(pk=user.pk).is_superuser
    own = {**PERSON, "email": "root@example.org"}
    client.post(reverse("wagtailusers_users:edit", args=[administrator.pk]), own)
    me = User.objects.get(pk=administrator.pk)
    assert me.is_superuser
    assert me.is_active


def test_groups_of_permissions_are_the_administrators_alone(office):
    assert office.get(reverse("wagtailusers_groups:index")).status_code == 302


@pytest.mark.parametrize("model", MANAGED)
def test_the_secretariat_opens_every_list_and_form_of_this_room(office, model, user):
    assert office.get(views_of(model, "list")).status_code == 200
    # A working group is made with its space, rights and review, in a form of its own.
    answer = office.get(views_of(model, "add"), follow=model is WorkingGroup)
    assert answer.status_code == 200


@pytest.mark.parametrize("model", MANAGED)
def test_a_member_of_the_board_has_no_way_in(client, user, model):
    user.groups.add(Group.objects.get(name="Board"))
    client.force_login(user)
    assert client.get(views_of(model, "list")).status_code == 404


def test_a_membership_is_made_with_its_last_day_worked_out(office, user):
    tier = Tier.objects.get(code="associate")
    response = office.post(
        views_of(Membership, "add"), {"user": user.pk, "tier": tier.pk, "starts_on": "2027-03-10", "ends_on": ""}
    )
    assert response.status_code == 302
    assert Membership.objects.get().ends_on == date(2028, 3, 9)


def test_days_in_the_wrong_order_are_refused_beside_the_field(office, user):
    tier = Tier.objects.get(code="associate")
    group = WorkingGroup.objects.create(name="Trauma", slug="trauma", kind="theme")
    body = Tier.objects.get(code="organisational")
    days = {"starts_on": "2027-03-10", "ends_on": "2027-03-09"}
    for model, fields in [
        (Membership, {"user": user.pk, "tier": tier.pk}),
        (Organisation, {"name": "A body", "tier": body.pk}),
        (Participation, {"user": user.pk, "group": group.pk}),
    ]:
        response = office.post(views_of(model, "add"), {**fields, **days})
        assert form_errors(response) == {"ends_on"}, model
        assert not model.objects.exists()


def test_a_fee_below_nothing_and_a_share_above_all_are_refused(office):
    tier = Tier.objects.get(code="full")
    response = office.post(
        views_of(Tier, "edit", tier.pk),
        {
            "name": "Full",
            "code": "full",
            "for_whom": "x",
            "fee": "-1",
            "reduced_share": "2",
            "period": "calendar_year",
            "position": "0",
        },
    )
    assert {"fee", "reduced_share"} <= form_errors(response)


def test_memberships_are_found_by_the_persons_name_and_address(office, make_user):
    tier = Tier.objects.get(code="full")
    for email, name in [("wren@example.org", "Wren"), ("bo@example.org", "Bo")]:
        person = make_user(email, display_name=name)
        Membership.objects.create(user=person, tier=tier, starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31))
    for words in ("Wren", "wren@"):
        text = office.get(views_of(Membership, "list"), {"q": words}).content.decode()
        assert "Wren" in text
        assert "Bo:" not in text


def test_the_list_of_memberships_costs_the_same_for_two_and_for_twenty(office, make_user):
    tier = Tier.objects.get(code="full")
    costs = []
    for wanted in (2, 20):
        while Membership.objects.count() < wanted:
            person = make_user(f"p{Membership.objects.count()}@example.org")
            Membership.objects.create(user=person, tier=tier, starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31))
        office.get(views_of(Membership, "list"))
        with CaptureQueriesContext(connection) as captured:
            office.get(views_of(Membership, "list"))
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_a_person_is_chosen_in_a_window_by_name_or_address(office, make_user):
    make_user("wren@example.org", display_name="Wren", legal_name="Christopher Legal")
    make_user("bo@example.org", display_name="Bo")
    assert "wren@example.org" in office.get(reverse("choose_person:choose")).content.decode()
    results = reverse("choose_person:choose_results")
    for words in ("wren", "WREN@example"):
        text = office.get(results, {"q": words}).content.decode()
        assert "Wren" in text
        assert "bo@example.org" not in text
    assert "Wren" not in office.get(results, {"q": "Christopher"}).content.decode()


@pytest.mark.parametrize("view", ["choose", "choose_results", "chosen", "chosen_multiple"])
def test_nobody_else_looks_into_that_window(client, user, view):
    args = [user.pk] if view == "chosen" else []
    address = reverse(f"choose_person:{view}", args=args)
    assert client.get(address, {"id": user.pk}).status_code == 302
    client.force_login(user)
    response = client.get(address, {"id": user.pk})
    assert response.status_code in (302, 403, 404)
    assert "ada@example.org" not in response.content.decode()
