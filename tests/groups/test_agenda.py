"""Tasks and decisions of a group, and its home for those inside."""

from __future__ import annotations

import gzip
import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone

from events.models import EventPage
from groups.records import Decision, GroupTask, JoinRequest, Suggestion
from members.models import Participation, today
from tests import personas

pytestmark = pytest.mark.django_db

BASE = f"/working-groups/{personas.GROUP}/"
INSIDE = {"group_associate", "group_full", "author", "lead", "secretariat"}
LEADS = {"lead", "secretariat"}
NAMES = sorted(personas.NAMES)


@pytest.fixture
def home(make_home):
    """The home of the tests' group, open to everybody: what is inside must be closed all the same."""
    return make_home(audience="public")


def sent(**fields: object) -> dict[str, object]:
    return {"key": uuid.uuid4(), **fields}


@pytest.mark.parametrize("name", NAMES)
def test_tasks_and_decisions_are_shown_to_those_in_the_group(name, client_of, home):
    group, visitor = home.working_group, client_of(name)
    task = GroupTask.objects.create(group=group, text="zxtask")
    decision = Decision.objects.create(group=group, text="zxdecision")
    html = visitor.get(home.url).content.decode()
    assert ("zxtask" in html) == ("zxdecision" in html) == (name in INSIDE)
    for address, who in [
        ("tasks/", INSIDE),
        ("tasks/new/", INSIDE),
        (f"tasks/{task.pk}/", INSIDE),
        ("decisions/", INSIDE),
        ("decisions/new/", LEADS),
        (f"decisions/{decision.pk}/", LEADS),
    ]:
        answer = visitor.get(BASE + address)
        assert answer.status_code == (200 if name in who else 404), address
        if name not in who:
            assert b"zx" not in answer.content


@pytest.mark.parametrize("name", NAMES)
def test_only_those_in_the_group_write(name, client_of, home, people):
    group, visitor = home.working_group, client_of(name)
    task = GroupTask.objects.create(group=group, text="old")
    decision = Decision.objects.create(group=group, text="old")
    day = today().isoformat()
    for address, fields, who in [
        ("tasks/new/", sent(text="new"), INSIDE),
        (f"tasks/{task.pk}/", {"text": "changed"}, INSIDE),
        (f"tasks/{task.pk}/done/", {}, INSIDE),
        ("decisions/new/", sent(text="new", decided_on=day), LEADS),
        (f"decisions/{decision.pk}/", {"text": "changed", "decided_on": day}, LEADS),
    ]:
        assert visitor.post(BASE + address, fields).status_code == (302 if name in who else 404), address
    texts = sorted(GroupTask.objects.values_list("text", flat=True))
    assert texts == (["changed", "new"] if name in INSIDE else ["old"])
    texts = sorted(Decision.objects.values_list("text", flat=True))
    assert texts == (["changed", "new"] if name in LEADS else ["old"])
    task.refresh_from_db()
    assert (task.done_on is not None) == (name in INSIDE)


def test_a_form_sent_twice_makes_one_task_and_one_decision(client_of, home):
    lead = client_of("lead")
    task, decision = sent(text="Once"), sent(text="Once", decided_on=today().isoformat())
    for _time in range(2):
        assert lead.post(f"{BASE}tasks/new/", task).status_code == 302
        assert lead.post(f"{BASE}decisions/new/", decision).status_code == 302
    assert (GroupTask.objects.count(), Decision.objects.count()) == (1, 1)


def test_a_task_has_a_person_of_the_group_and_a_day_or_neither(client_of, home, people):
    visitor = client_of("group_full")
    day = (today() + timedelta(days=3)).isoformat()
    for fields, wrong in [
        (sent(text="", who="", due_on=""), "text"),
        (sent(text="x" * 201), "text"),
        (sent(text="A", who=people["full"].pk), "who"),
        (sent(text="A", who="'"), "who"),
        (sent(text="A", due_on="never"), "due_on"),
        (sent(text="A", due_on="0206-01-01"), "due_on"),
        ({"text": "A", "key": "not-a-key"}, "key"),
    ]:
        answer = visitor.post(f"{BASE}tasks/new/", fields)
        assert answer.status_code == 200
        assert wrong in answer.context["form"].errors
    assert not GroupTask.objects.exists()
    visitor.post(f"{BASE}tasks/new/", sent(text="A", who=people["author"].pk, due_on=day))
    task = GroupTask.objects.get()
    assert (task.who_id, task.due_on.isoformat()) == (people["author"].pk, day)
    assert "A author" in visitor.get(f"{BASE}tasks/").content.decode()
    # Somebody who has left is not named any more.
    Participation.objects.filter(user=people["author"]).update(ends_on=today() - timedelta(days=1))
    assert "A author" not in visitor.get(f"{BASE}tasks/").content.decode()
    assert "A author" not in visitor.get(home.url).content.decode()


def test_a_task_is_ticked_off_opened_again_and_deleted_by_leads_only(client_of, home):
    task = GroupTask.objects.create(group=home.working_group, text="Siblings")
    visitor, address = client_of("group_associate"), f"{BASE}tasks/{task.pk}/"
    answer = visitor.post(f"{address}done/", {"home": "1"})
    assert answer.url == home.url
    assert "Siblings" not in visitor.get(home.url).content.decode()
    assert "Siblings" in visitor.get(f"{BASE}tasks/").content.decode()
    visitor.post(address, {"text": "Siblings"})
    task.refresh_from_db()
    assert task.done_on is None
    visitor.post(address, {"text": "Siblings", "done": "on"})
    task.refresh_from_db()
    assert task.done_on == today()
    visitor.post(address, {"delete": "1"})
    assert GroupTask.objects.exists()
    client_of("lead").post(address, {"delete": "1"})
    assert not GroupTask.objects.exists()


def test_decisions_stand_newest_first_and_cannot_be_of_tomorrow(client_of, home):
    group, lead = home.working_group, client_of("lead")
    for text, day in [("Older", date(2026, 1, 2)), ("Newest", date(2026, 3, 2)), ("Oldest", date(2025, 1, 2))]:
        Decision.objects.create(group=group, text=text, decided_on=day)
    assert [one.text for one in lead.get(home.url).context["life"]["decisions"]] == ["Newest", "Older", "Oldest"]
    html = lead.get(f"{BASE}decisions/").content.decode()
    assert html.index("Newest") < html.index("Older") < html.index("Oldest")
    tomorrow = (today() + timedelta(days=1)).isoformat()
    answer = lead.post(f"{BASE}decisions/new/", sent(text="Too early", decided_on=tomorrow))
    assert "still to come" in str(answer.context["form"].errors["decided_on"])


def test_open_tasks_stand_in_the_order_of_their_days(client_of, home):
    group = home.working_group
    for text, days in [("Whenever", None), ("Later", 9), ("Late", -1), ("Soon", 2)]:
        GroupTask.objects.create(group=group, text=text, due_on=today() + timedelta(days=days) if days else None)
    tasks = client_of("author").get(home.url).context["life"]["tasks"]
    assert [task.text for task in tasks] == ["Late", "Soon", "Later", "Whenever"]
    html = client_of("author").get(f"{BASE}tasks/").content.decode()
    assert "was due on" in html


def test_tasks_of_another_group_are_not_there(client_of, home, make_home):
    other = make_home(personas.OTHER_GROUP).working_group
    task, decision = GroupTask.objects.create(group=other, text="x"), Decision.objects.create(group=other, text="x")
    lead = client_of("lead")
    for address in (f"tasks/{task.pk}/", f"decisions/{decision.pk}/"):
        assert lead.get(BASE + address).status_code == 404
        assert lead.post(BASE + address, {"text": "y"}).status_code == 404
    assert lead.post(f"{BASE}tasks/{task.pk}/done/").status_code == 404


def test_the_next_meeting_is_shown_by_the_readers_own_clock(client_of, home, people):
    starts = timezone.now().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=5)
    home.add_child(instance=EventPage(title="Webinar first", starts_at=starts - timedelta(days=1), audience="members"))
    home.add_child(
        instance=EventPage(
            title="Group meeting", event_kind="meeting", starts_at=starts, audience="group", time_zone="Africa/Nairobi"
        )
    )
    people["group_full"].time_zone = "Asia/Kolkata"
    people["group_full"].save()
    html = client_of("group_full").get(home.url).content.decode()
    assert "Next meeting:" in html
    assert "14:30–15:30" in html
    assert "Next meeting:" not in client_of("full").get(home.url).content.decode()


def test_leads_see_what_waits_and_nobody_else_does(client_of, home, people):
    home.working_group.refresh_from_db()
    JoinRequest.objects.create(user=people["full"], group=home.working_group, words="x")
    Suggestion.objects.create(giver=people["full"], page=home.hubpage_ptr, words="x")
    for name in NAMES:
        waits = "Waits for the leads" in client_of(name).get(home.url).content.decode()
        assert waits == (name in LEADS), name
    waiting = client_of("lead").get(home.url).context["life"]["waiting"]
    assert waiting == {"offers": 0, "requests": 1, "reviews": 0, "suggestions": 1}


@pytest.mark.parametrize("name", ["lead", "group_full", "secretariat"])
def test_a_full_home_of_a_group_costs_no_more_than_14_queries_and_10_kb(
    name, client_of, home, people, django_assert_max_num_queries
):
    group = home.working_group
    for number in range(12):
        GroupTask.objects.create(group=group, text=f"Task {number}, {number * 7919:x}" * 6, who=people["author"])
        Decision.objects.create(group=group, text=f"Decision {number} {number * 104729:x} " * 30)
        starts = timezone.now() + timedelta(days=number + 1)
        home.add_child(instance=EventPage(title=f"Event {number}", starts_at=starts, audience="members"))
    JoinRequest.objects.create(user=people["full"], group=group, words="x")
    visitor = client_of(name)
    visitor.get(home.url)
    with django_assert_max_num_queries(14):
        answer = visitor.get(home.url)
    assert answer.status_code == 200
    assert len(gzip.compress(answer.content)) <= 10 * 1024
