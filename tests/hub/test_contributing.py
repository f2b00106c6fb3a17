"""Practice notes and events that members propose: drafts in the right group's queue."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client

from core.access import viewer_for
from core.models import HubPage, Topic
from events.models import EventPage
from groups.models import WorkingGroupIndexPage, WorkingGroupPage
from groups.provisioning import provision
from groups.records import Contribution
from hub.contributing import group_choices
from members.models import today
from resources.models import ResourcePage
from tests import personas

pytestmark = pytest.mark.django_db

MEMBERS = {name for name in personas.NAMES if name not in ("anonymous", "lapsed")}
NAMES = sorted(personas.NAMES)


@pytest.fixture
def people(db):
    return personas.make_personas()


@pytest.fixture
def client_of(people):
    def client(name: str) -> Client:
        found = Client()
        if people[name].is_authenticated:
            found.force_login(people[name])
        return found

    return client


@pytest.fixture
def make_home(home, people):
    section = WorkingGroupIndexPage.objects.get(locale=home.locale)

    def make(slug: str = personas.GROUP, audience: str = "members") -> WorkingGroupPage:
        group = personas.make_groups()[slug]
        return section.add_child(instance=WorkingGroupPage(title=group.name, working_group=group, audience=audience))

    return make


def note(**fields: object) -> dict[str, object]:
    return {
        "key": uuid.uuid4(),
        "title": "A first conversation",
        "summary": "How we begin.",
        "text": "First we <b>listen</b>.\n\nThen we ask.",
        "group": personas.GROUP,
        "audience": "members",
        "unnamed": "on",
        **fields,
    }


def proposal(**fields: object) -> dict[str, object]:
    return {
        "key": uuid.uuid4(),
        "event_kind": "webinar",
        "title": "Working with siblings",
        "summary": "An hour.",
        "day": (today() + timedelta(days=30)).isoformat(),
        "time": "14:30",
        "time_zone": "Africa/Nairobi",
        "minutes": "90",
        "group": personas.GROUP,
        "audience": "group",
        "unnamed": "on",
        **fields,
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["practice", "event"])
def test_members_offer_and_for_all_others_there_is_nothing(name, kind, client_of, make_home):
    make_home()
    visitor, path = client_of(name), f"/contribute/{kind}/"
    form = note() if kind == "practice" else proposal()
    if name == "anonymous":
        assert visitor.get(path).url == f"/accounts/login/?next={path}"
        assert visitor.post(path, form).status_code == 302
    else:
        assert visitor.get(path).status_code == (200 if name in MEMBERS else 404)
        assert visitor.post(path, form).status_code == (302 if name in MEMBERS else 404)
    assert Contribution.objects.count() == int(name in MEMBERS)


def test_a_practice_note_becomes_a_draft_below_the_group(client_of, make_home):
    home = make_home()
    assert client_of("associate").post("/contribute/practice/", note(by_name="on", risks="Haste")).url == (
        "/contribute/thanks/"
    )
    page = ResourcePage.objects.get(title="A first conversation")
    assert not page.live
    assert page.path.startswith(home.path)
    assert (page.working_group, page.audience, page.resource_kind) == (home.working_group, "members", "practice")
    assert page.risks == "Haste"
    draft = page.get_latest_revision_as_object()
    texts = [child.value.source for child in draft.body]
    assert texts == [
        "<p>First we &lt;b&gt;listen&lt;/b&gt;.</p>",
        "<p>Then we ask.</p>",
        "<p>With thanks to A associate.</p>",
    ]
    for name in NAMES:
        assert client_of(name).get(page.url).status_code == 404, name


def test_without_the_wish_nobody_is_named(client_of, make_home):
    make_home()
    client_of("associate").post("/contribute/practice/", note())
    page = ResourcePage.objects.get(title="A first conversation")
    assert "associate" not in str(page.get_latest_revision().content["body"])


def test_an_event_becomes_a_draft_at_the_moment_its_zone_says(client_of, make_home):
    home = make_home()
    assert client_of("group_full").post("/contribute/event/", proposal()).status_code == 302
    event = EventPage.objects.get(title="Working with siblings")
    day = today() + timedelta(days=30)
    assert event.starts_at == datetime(day.year, day.month, day.day, 11, 30, tzinfo=UTC)
    assert (event.live, event.duration_minutes, event.time_zone) == (False, 90, "Africa/Nairobi")
    assert (event.audience, event.access_key) == ("group", f"group:{home.working_group_id}")


def test_without_a_group_it_is_the_secretariats(client_of, make_home):
    make_home()
    assert client_of("full").post("/contribute/practice/", note(group="")).status_code == 302
    assert client_of("full").post("/contribute/event/", proposal(group="", audience="members")).status_code == 302
    assert ResourcePage.objects.get(title="A first conversation").get_parent().slug == "library"
    assert EventPage.objects.get(title="Working with siblings").get_parent().slug == "events"


def test_a_group_whose_page_one_may_not_open_is_not_offered(client_of, make_home):
    make_home()
    make_home(personas.OTHER_GROUP, audience="group")
    html = client_of("full").get("/contribute/practice/").content.decode()
    assert "Family and community" in html
    assert "Prison and probation" not in html
    answer = client_of("full").post("/contribute/practice/", note(group=personas.OTHER_GROUP))
    assert "group" in answer.context["form"].errors
    assert client_of("othermember").post("/contribute/practice/", note(group=personas.OTHER_GROUP)).status_code == 302


def test_ones_own_groups_come_first(client_of, make_home, people):
    make_home()
    make_home(personas.OTHER_GROUP)
    slugs = dict(group_choices(viewer_for(people["othermember"])))
    assert list(slugs) == [personas.OTHER_GROUP, personas.GROUP]
    form = client_of("othermember").get("/contribute/practice/").context["form"]
    assert form["group"].value() == personas.OTHER_GROUP
    form = client_of("othermember").get(f"/contribute/practice/?group={personas.GROUP}").context["form"]
    assert form["group"].value() == personas.GROUP


def test_sent_twice_it_is_one_draft(client_of, make_home):
    make_home()
    for form, path in [(note(), "/contribute/practice/"), (proposal(), "/contribute/event/")]:
        for _time in range(2):
            assert client_of("full").post(path, form).status_code == 302
    assert Contribution.objects.count() == 2
    assert HubPage.objects.filter(live=False, kind__in=["practice", "webinar"]).count() == 2


def topic_on_an_open_page(home: HubPage, name: str = "Parents", audience: str = "public") -> Topic:
    """A topic that readers of one page may know of."""
    topic = Topic.objects.create(name=name, slug=name.lower())
    page = ResourcePage(title=f"On {name}", audience=audience)
    page.topics.set([topic])
    HubPage.objects.get(pk=home.pk).specific.add_child(instance=page)
    return topic


@pytest.mark.parametrize("kind", ["practice", "event"])
def test_the_draft_is_handed_to_the_groups_review(
    kind, client_of, make_home, people, django_capture_on_commit_callbacks
):
    home = make_home()
    provision(home.working_group)
    topic = topic_on_an_open_page(home)
    form = note(topic=topic.slug) if kind == "practice" else proposal(topic=topic.slug)
    with django_capture_on_commit_callbacks(execute=True):
        assert client_of("associate").post(f"/contribute/{kind}/", form).status_code == 302
    page = HubPage.objects.get(title=form["title"]).specific
    assert page.workflow_in_progress
    assert page.get_latest_revision().user == people["associate"]
    html = client_of("lead").get(home.url).content.decode()
    assert "1 page in review" in html
    assert "from a member" not in html
    told = {address for message in mail.outbox for address in message.to}
    assert told == {people["lead"].email}
    assert form["title"] not in "".join(message.subject + message.body for message in mail.outbox)


def test_a_lead_cannot_be_the_second_pair_of_eyes_for_what_he_offered(client_of, make_home, people):
    home = make_home()
    provision(home.working_group)
    topic = topic_on_an_open_page(home)
    client_of("lead").post("/contribute/practice/", note(topic=topic.slug))
    page = HubPage.objects.get(title="A first conversation").specific
    task = page.current_workflow_task
    assert task.specific.refusal(page, people["lead"], page.get_latest_revision())
    assert "approve" not in [name for name, _label, _form in task.specific.get_actions(page, people["lead"])]


def test_a_draft_that_nobody_was_asked_to_read_waits_for_the_leads(client_of, make_home):
    home = make_home()
    provision(home.working_group)
    client_of("associate").post("/contribute/practice/", note())  # this hub has no topic yet
    page = HubPage.objects.get(title="A first conversation").specific
    assert not page.workflow_in_progress
    assert "1 draft from a member" in client_of("lead").get(home.url).content.decode()


def test_only_topics_of_open_pages_are_offered_and_one_is_needed(client_of, make_home):
    home = make_home()
    topic_on_an_open_page(home)
    topic_on_an_open_page(home, "Zxclosed", "full")
    visitor = client_of("associate")
    assert "Parents" in visitor.get("/contribute/practice/").content.decode()
    assert "Zxclosed" not in visitor.get("/contribute/practice/").content.decode()
    for topic in ("", "zxclosed"):
        answer = visitor.post("/contribute/practice/", note(topic=topic))
        assert "topic" in answer.context["form"].errors


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"title": "!?"}, "title"),
        ({"summary": "x" * 501}, "summary"),
        ({"text": "x" * 6001}, "text"),
        ({"unnamed": ""}, "unnamed"),
        ({"audience": "public"}, "audience"),
        ({"group": "", "audience": "group"}, "audience"),
        ({"group": "no-such-group"}, "group"),
        ({"key": "x"}, "key"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_typed_is_lost(changed, field, client_of, make_home):
    make_home()
    answer = client_of("full").post("/contribute/practice/", note(for_whom="Those who ask", **changed))
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert "Those who ask" in answer.content.decode()
    assert not Contribution.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"day": "2020-01-01"}, "day"),
        ({"day": "9999-12-31"}, "day"),
        ({"day": "someday"}, "day"),
        ({"time": "25:00"}, "time"),
        ({"time_zone": "Mars/Crater"}, "time_zone"),
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "99999999"}, "minutes"),
        ({"day": "2027-03-28", "time": "02:30", "time_zone": "Europe/Berlin"}, "time"),
        ({"event_kind": "party"}, "event_kind"),
    ],
)
def test_impossible_times_are_refused(changed, field, client_of, make_home):
    make_home()
    answer = client_of("full").post("/contribute/event/", proposal(**changed))
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not Contribution.objects.exists()


def test_twenty_a_day_are_enough(client_of, make_home, people):
    make_home()
    for number in range(20):
        Contribution.objects.create(giver=people["full"], kind="practice", title=f"T{number}")
    answer = client_of("full").post("/contribute/practice/", note(title="The twenty-first"))
    assert answer.status_code == 200
    assert "as many as one can" in answer.content.decode()
    assert "The twenty-first" in answer.content.decode()


def test_what_was_sent_to_review_is_in_review_for_the_giver_until_it_is_published(client_of, people):
    group = personas.make_groups()[personas.GROUP]
    provision(group, live=True)
    topic = Topic.objects.create(name="Desistance", slug="desistance-here")
    carried = WorkingGroupPage.objects.get(working_group=group)
    carried.topics.add(topic)
    carried.save()
    giver = client_of("associate")
    assert giver.post("/contribute/practice/", note(topic=topic.slug)).status_code == 302
    page = ResourcePage.objects.get(title="A first conversation")
    html = giver.get("/contribute/").content.decode()
    assert ">in review<" in html
    assert "a draft, with the group" not in html
    page.current_workflow_state.cancel()
    html = giver.get("/contribute/").content.decode()
    assert ">in review<" not in html
    assert "a draft, with the group" in html


def test_the_giver_sees_what_became_of_it_and_not_what_editors_make_of_it(client_of, make_home):
    make_home()
    giver = client_of("associate")
    giver.post("/contribute/practice/", note())
    page = ResourcePage.objects.get(title="A first conversation")
    page.title = "zxchanged"
    revision = page.save_revision()
    html = giver.get("/contribute/").content.decode()
    assert "a draft, with the group" in html
    assert "zxchanged" not in html
    assert "A first conversation" not in client_of("full").get("/contribute/").content.decode()
    revision.publish()
    html = giver.get("/contribute/").content.decode()
    assert ">published<" in html
    assert f'href="{page.url}"' in html
    page.refresh_from_db()
    page.delete()
    assert "not taken up" in giver.get("/contribute/").content.decode()


@pytest.mark.parametrize("name", NAMES)
def test_the_pages_around_are_for_members(name, client_of):
    for path in ("/contribute/", "/contribute/thanks/"):
        expected = 302 if name == "anonymous" else 200 if name in MEMBERS else 404
        assert client_of(name).get(path).status_code == expected
