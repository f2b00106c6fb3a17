"""Coming into a group, leaving it, and who is in it; its authors, appointed by its leads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from groups import joining
from groups.appointing import in_years, last_day_by_default
from groups.people import people_of
from groups.records import JoinRequest
from members.models import Office, Participation, User, WorkingGroup, today
from members.offices import offices_of
from tests import personas
from tests.meanwhile import meanwhile

pytestmark = pytest.mark.django_db

BASE = f"/working-groups/{personas.GROUP}/"
IN_GROUP = {"group_associate", "group_full", "author", "lead"}
INSIDE = IN_GROUP | {"secretariat"}
LEADS = {"lead", "secretariat"}
OUTSIDE = {"student", "associate", "full", "seat", "othermember", "otherlead", "board"}


@pytest.fixture
def group(make_home) -> WorkingGroup:
    """The group of the tests, with a home for members."""
    return make_home().working_group


def open_to_all(group: WorkingGroup) -> None:
    group.entry = WorkingGroup.Entry.OPEN
    group.save()


def names(html: str) -> set[str]:
    return {name for name in personas.NAMES if f">A {name}<" in html}


# Who is in it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", personas.NAMES)
def test_the_people_of_a_group_are_shown_to_those_in_it(name, client_of, group):
    answer = client_of(name).get(f"{BASE}people/")
    assert answer.status_code == (200 if name in INSIDE else 404)
    if name in INSIDE:
        assert names(answer.content.decode()) == IN_GROUP | ({name} if name == "secretariat" else set())


def test_people_stand_in_the_order_of_their_offices_and_the_lapsed_are_not_among_them(client_of, group, people):
    assert [one.name for one in people_of(group)][:2] == ["A lead", "A author"]
    assert "A lapsed" not in {one.name for one in people_of(group)}
    person = people["group_full"]
    person.memberships.update(ends_on=today() - timedelta(days=60), starts_on=today() - timedelta(days=400))
    assert "A group_full" not in {one.name for one in people_of(group)}
    person.is_active = False
    person.save()


def test_people_of_a_group_cost_one_query_however_many(group, django_assert_num_queries):
    for number in range(30):
        user = personas.make_user(f"extra{number}")
        personas.member(user, "associate", today(), today() + timedelta(days=9))
        Participation.objects.create(user=user, group=group)
        Office.objects.create(user=user, group=group, role="author")
    with django_assert_num_queries(1):
        assert len(people_of(group)) == 34


def test_only_leads_see_until_when_offices_last(client_of, group, people):
    day = today() + timedelta(days=12)
    Office.objects.filter(user=people["author"]).update(ends_on=day)
    shown = f"until {day.day} {day:%B} {day.year}"
    assert shown in client_of("lead").get(f"{BASE}people/").content.decode()
    assert "until" not in client_of("group_full").get(f"{BASE}people/").content.decode()


# Coming in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", personas.NAMES)
def test_members_join_an_open_group_once_however_often_they_ask(name, client_of, group, people):
    open_to_all(group)
    visitor = client_of(name)
    answers = [visitor.post(f"{BASE}join/").status_code for _time in range(2)]
    expected = 302 if name in OUTSIDE | IN_GROUP else 404
    assert answers == [expected, expected]
    if name in OUTSIDE:
        assert Participation.objects.filter(user=people[name], group=group).count() == 1
        assert visitor.get(f"{BASE}people/").status_code == 200
    elif name in ("lapsed", "secretariat"):
        assert not Participation.objects.filter(user=people[name], group=group, starts_on=today()).exists()


def test_who_asks_waits_and_is_taken_in_by_a_lead(client_of, group, people, make_home):
    asker, lead = client_of("associate"), client_of("lead")
    home = lead.get(f"{BASE}people/").context["circle"].home_url
    assert "Ask to join" in asker.get(home).content.decode()
    assert asker.get(f"{BASE}join/").status_code == 200
    for _time in range(2):
        assert asker.post(f"{BASE}join/", {"words": "I work with families."}).status_code == 302
    (request,) = JoinRequest.objects.all()
    assert asker.get(f"{BASE}people/").status_code == 404
    assert "You have asked to join" in asker.get(home).content.decode()
    assert "1 person asks to join" in lead.get(home).content.decode()
    page = lead.get(f"{BASE}people/").content.decode()
    assert "I work with families." in page
    assert "I work with families." not in client_of("group_full").get(f"{BASE}people/").content.decode()
    address = f"{BASE}requests/{request.pk}/"
    assert "I work with families." in lead.get(address).content.decode()
    for _time in range(2):
        assert lead.post(address, {"answer": "accept"}).status_code == 302
    assert not JoinRequest.objects.exists()
    assert Participation.objects.filter(user=people["associate"], group=group, ends_on=None).count() == 1
    assert asker.get(f"{BASE}people/").status_code == 200


@pytest.mark.parametrize("name", personas.NAMES)
def test_only_leads_answer_requests(name, client_of, group, people):
    request = JoinRequest.objects.create(user=people["full"], group=group, words="Please")
    address = f"{BASE}requests/{request.pk}/"
    assert client_of(name).get(address).status_code == (200 if name in LEADS else 404)
    answer = client_of(name).post(address, {"answer": "accept"})
    assert answer.status_code == (302 if name in LEADS else 404)
    assert JoinRequest.objects.exists() == (name not in LEADS)


def test_a_request_to_another_group_is_not_there(client_of, group, people):
    request = JoinRequest.objects.create(
        user=people["full"], group=personas.make_groups()[personas.OTHER_GROUP], words="x"
    )
    assert client_of("lead").get(f"{BASE}requests/{request.pk}/").status_code == 404


def test_a_refusal_needs_polite_words_and_keeps_its_reason_from_the_asker(client_of, group, people):
    request = JoinRequest.objects.create(user=people["full"], group=group, words="Please")
    lead, asker = client_of("lead"), client_of("full")
    address = f"{BASE}requests/{request.pk}/"
    answer = lead.post(address, {"answer": "refuse", "reason": "zxreason"})
    assert answer.status_code == 200
    assert "reply" in answer.context["form"].errors
    assert "zxreason" in answer.content.decode()  # what was typed is not lost
    assert (
        lead.post(address, {"answer": "refuse", "reply": "Thank you, later", "reason": "zxreason"}).status_code == 302
    )
    home = lead.get(f"{BASE}people/").context["circle"].home_url
    html = asker.get(home).content.decode()
    assert "Thank you, later" in html
    assert "zxreason" not in html
    assert "zxreason" in lead.get(f"{BASE}people/").content.decode()
    assert "zxreason" not in client_of("group_full").get(f"{BASE}people/").content.decode()
    answer = asker.post(f"{BASE}join/", {"words": "Again"})
    assert answer.status_code == 200
    assert "a short while ago" in answer.content.decode()
    JoinRequest.objects.update(refused_at=timezone.now() - timedelta(days=31))
    assert asker.post(f"{BASE}join/", {"words": "Again"}).status_code == 302
    request.refresh_from_db()
    assert (request.refused_at, request.words, request.reply, request.reason) == (None, "Again", "", "zxreason")


def test_who_is_taken_in_while_another_lead_refuses_is_in(client_of, group, people):
    request = JoinRequest.objects.create(user=people["full"], group=group, words="Please")
    lead, address = client_of("lead"), f"{BASE}requests/{request.pk}/"

    def accepted():
        joining.accept(JoinRequest.objects.get(pk=request.pk))

    with meanwhile(accepted, after='FROM "groups_joinrequest"'):
        answer = lead.post(address, {"answer": "refuse", "reply": "Thank you, later"}, follow=True)
    assert "This request does not wait any more." in answer.content.decode()
    assert not JoinRequest.objects.exists()
    assert Participation.objects.filter(user=people["full"], group=group).count() == 1


def test_leads_are_told_once_by_a_mail_that_says_nothing(client_of, group, people, django_capture_on_commit_callbacks):
    people["lead"].language = "de"
    people["lead"].save()
    asker = client_of("associate")
    with django_capture_on_commit_callbacks(execute=True):
        for words in ("I work with families.", "Better words"):
            asker.post(f"{BASE}join/", {"words": words})
    (message,) = mail.outbox
    assert message.to == [people["lead"].email]
    assert "/de/working-groups/" in message.body
    said = message.subject + message.body
    for word in ("associate", "words", "families", group.name, group.slug):
        assert word not in said


@pytest.mark.parametrize("name", personas.NAMES)
def test_my_groups_are_mine_and_leads_see_what_waits(name, client_of, group, people):
    JoinRequest.objects.create(user=people["full"], group=group, words="x")
    answer = client_of(name).get("/working-groups/")
    if name in ("lapsed", "secretariat", "anonymous"):
        assert answer.status_code == (302 if name == "anonymous" else 404)
        return
    html = answer.content.decode()
    assert ("Family and community" in html) == (name in IN_GROUP)
    assert ("1 person asks to join" in html) == (name == "lead")


def test_who_asked_can_take_it_back(client_of, group, people):
    asker = client_of("associate")
    asker.post(f"{BASE}join/", {"words": "Please"})
    for _time in range(2):
        assert asker.post(f"{BASE}withdraw/").status_code == 302
    assert not JoinRequest.objects.exists()


def test_words_are_needed_and_too_many_are_refused_beside_the_field(client_of, group):
    asker = client_of("associate")
    for words in ("", "x" * 501):
        answer = asker.post(f"{BASE}join/", {"words": words})
        assert answer.status_code == 200
        assert "words" in answer.context["form"].errors
        assert words in answer.content.decode()
    assert not JoinRequest.objects.exists()


def test_a_group_whose_page_one_may_not_open_cannot_be_joined(client_of, make_home):
    group = make_home(personas.OTHER_GROUP, audience="full").working_group
    open_to_all(group)
    address = f"/working-groups/{group.slug}/join/"
    assert client_of("associate").post(address).status_code == 404
    assert client_of("full").post(address).status_code == 302


def test_refused_requests_are_forgotten_after_ninety_days(group, people):
    long_ago = timezone.now() - joining.KEPT - timedelta(days=1)
    JoinRequest.objects.create(user=people["full"], group=group, words="x", refused_at=long_ago)
    joining.ask(people["seat"], group, "Please")
    assert [request.user for request in JoinRequest.objects.all()] == [people["seat"]]


# Leaving ---------------------------------------------------------------------------------------------


def test_leaving_closes_the_group_and_ends_offices_at_the_next_request(client_of, group, people):
    author = client_of("author")
    assert author.get(f"{BASE}leave/").status_code == 200
    assert offices_of(people["author"])
    assert author.post(f"{BASE}leave/").status_code == 302
    assert author.get(f"{BASE}people/").status_code == 404
    assert author.post(f"{BASE}leave/").status_code == 404
    assert not offices_of(people["author"])
    assert "A author" not in {one.name for one in people_of(group)}


def test_who_joined_today_can_leave_today(client_of, group, people):
    open_to_all(group)
    visitor = client_of("associate")
    visitor.post(f"{BASE}join/")
    assert visitor.post(f"{BASE}leave/").status_code == 302
    assert not Participation.objects.filter(user=people["associate"], group=group).exists()
    assert visitor.post(f"{BASE}join/").status_code == 302  # and come back


def test_the_only_lead_cannot_leave_before_there_is_another(client_of, group, people):
    lead = client_of("lead")
    answer = lead.post(f"{BASE}leave/", follow=True)
    assert "You are the only lead" in answer.content.decode()
    assert lead.get(f"{BASE}people/").status_code == 200
    Office.objects.create(user=people["group_full"], group=group, role="lead")
    assert lead.post(f"{BASE}leave/").status_code == 302
    assert not offices_of(people["lead"])


@pytest.mark.parametrize("name", sorted(set(personas.NAMES) - IN_GROUP))
def test_who_is_not_in_a_group_cannot_leave_it(name, client_of, group):
    assert client_of(name).get(f"{BASE}leave/").status_code == 404
    assert client_of(name).post(f"{BASE}leave/").status_code == 404


# Authors ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", personas.NAMES)
def test_only_leads_appoint_authors(name, client_of, group, people):
    address, person = f"{BASE}authors/", people["group_full"]
    assert client_of(name).get(address).status_code == (200 if name in LEADS else 404)
    answer = client_of(name).post(address, {"person": person.pk, "until": last_day_by_default().isoformat()})
    assert answer.status_code == (302 if name in LEADS else 404)
    assert bool(offices_of(person).authors) == (name in LEADS)


def test_a_term_lasts_a_year_unless_a_lead_says_otherwise_and_one_appointment_is_one(client_of, group, people):
    lead, person = client_of("lead"), people["group_full"]
    form = lead.get(f"{BASE}authors/").context["form"]
    assert form["until"].value() == last_day_by_default()
    sent = {"person": person.pk, "until": last_day_by_default().isoformat()}
    for _time in range(2):
        assert lead.post(f"{BASE}authors/", sent).status_code == 302
    office = Office.objects.get(user=person, group=group)
    assert (office.role, office.ends_on) == ("author", last_day_by_default())
    option = f'<option value="{person.pk}"'
    assert option not in lead.get(f"{BASE}authors/").content.decode()
    assert option not in lead.post(f"{BASE}authors/", {**sent, "until": "soon"}).content.decode()


def test_nonsense_is_refused_in_words_beside_the_field(client_of, group, people):
    lead, address = client_of("lead"), f"{BASE}authors/"
    day = today()
    person = people["group_full"].pk
    for sent, field, words in [
        ({"person": people["full"].pk, "until": day.isoformat()}, "person", "valid choice"),
        ({"person": "x", "until": day.isoformat()}, "person", "valid choice"),
        ({"person": "", "until": day.isoformat()}, "person", "required"),
        ({"person": person, "until": (day - timedelta(days=1)).isoformat()}, "until", "over already"),
        ({"person": person, "until": (in_years(day, 3) + timedelta(days=1)).isoformat()}, "until", "at most 3 years"),
        ({"person": person, "until": "soon"}, "until", "valid date"),
    ]:
        answer = lead.post(address, sent)
        assert answer.status_code == 200
        assert words in str(answer.context["form"].errors[field])
    assert Office.objects.filter(group=group, role="author").count() == 1


def test_a_lead_changes_and_ends_an_authors_term(client_of, group, people):
    lead = client_of("lead")
    office = Office.objects.get(user=people["author"], group=group)
    address, day = f"{BASE}authors/{office.pk}/", today() + timedelta(days=20)
    assert lead.get(address).status_code == 200
    assert lead.post(address, {"until": day.isoformat()}).status_code == 302
    office.refresh_from_db()
    assert office.ends_on == day
    for _time in range(2):
        assert lead.post(address, {"end": "1"}).status_code == 302
    assert not offices_of(people["author"])
    assert lead.get(address).status_code == 404


def test_a_lead_can_neither_appoint_nor_end_leads(client_of, group, people):
    lead = client_of("lead")
    Office.objects.create(user=people["group_full"], group=group, role="lead")
    for office in Office.objects.filter(group=group, role="lead"):
        lead.post(f"{BASE}authors/{office.pk}/", {"end": "1"})
        lead.post(f"{BASE}authors/{office.pk}/", {"until": today().isoformat()})
    lead.post(f"{BASE}authors/", {"person": people["group_associate"].pk, "until": today().isoformat(), "role": "lead"})
    assert offices_of(people["group_full"]).leads
    assert offices_of(people["lead"]).leads
    assert not offices_of(people["group_associate"]).leads


def test_two_people_of_one_name_are_told_apart(client_of, group, people):
    User.objects.filter(pk__in=[people["group_full"].pk, people["group_associate"].pk]).update(display_name="Noor")
    html = client_of("lead").get(f"{BASE}authors/").content.decode()
    assert html.count("Noor, in the group since") == 2


@pytest.mark.parametrize("name", sorted(set(personas.NAMES) - LEADS))
def test_nobody_else_changes_terms(name, client_of, group, people):
    office = Office.objects.get(user=people["author"], group=group)
    address = f"{BASE}authors/{office.pk}/"
    assert client_of(name).get(address).status_code == 404
    assert client_of(name).post(address, {"end": "1"}).status_code == 404
    assert offices_of(people["author"]).authors
