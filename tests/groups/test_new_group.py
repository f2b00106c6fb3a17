"""A new working group with one button or one command, and how groups publish."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from wagtail.models import Collection, ModelLogEntry

from groups.models import WorkingGroupPage
from groups.provisioning import homes_of
from groups.spaces import Space
from groups.workflow import BoardDecision
from members.models import Office, Participation, User, WorkingGroup
from members.offices import offices_of

pytestmark = pytest.mark.django_db
NEW = "/admin/working-groups/new/"


def form(**changes):
    return {
        "name": "West Africa",
        "name_de": "Westafrika",
        "name_fr": "Afrique de l’Ouest",
        "name_ar": "",
        "slug": "",
        "kind": "location",
        "description": "Practitioners in West Africa.",
        "leads": "full@example.org\nboard@example.org",
        "audience": "members",
        "languages": ["en", "fr"],
        **changes,
    }


def test_one_button_makes_all_of_it(desk):
    answer = desk.client("secretariat").post(NEW, form(live="on"), follow=True)
    group = WorkingGroup.objects.get(slug="west-africa")
    homes = {home.locale.language_code: home for home in homes_of(group)}
    assert answer.redirect_chain == [(f"/admin/pages/{homes['en'].pk}/", 302)], "the new home, with what can be added"
    assert "“West Africa” is there, with its home, files, rights and review." in answer.content.decode()
    assert f"/admin/pages/{homes['en'].pk}/edit/" in answer.content.decode()
    assert {code: home.title for code, home in homes.items()} == {"en": "West Africa", "fr": "Afrique de l’Ouest"}
    assert all(home.live and home.audience == "members" for home in homes.values())
    assert desk.client("full").get(homes["en"].url).status_code == 200
    for name in ("full", "board"):
        person = User.objects.get(pk=desk.people[name].pk)
        assert offices_of(person).leads == {group.pk}
        assert homes["en"].permissions_for_user(person).can_edit()
    assert homes["fr"].get_workflow() is not None
    assert Collection.objects.filter(name="West Africa").count() == 1


def test_pressing_it_twice_makes_one_and_says_so(desk):
    desk.client("secretariat").post(NEW, form())
    answer = desk.client("secretariat").post(NEW, form())
    assert answer.status_code == 200
    assert "slug" in answer.context["form"].errors
    assert WorkingGroup.objects.filter(name="West Africa").count() == 1
    assert Collection.objects.filter(name="West Africa").count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"leads": "nobody@example.org"}, "leads", "nobody here with the address nobody@example.org"),
        ({"leads": "lapsed@example.org"}, "leads", "lapsed@example.org is no member today"),
        ({"leads": ""}, "leads", "required"),
        ({"name": ""}, "name", "required"),
        ({"name": "غرب أفريقيا"}, "slug", "Latin letters"),
        ({"kind": "else"}, "kind", "valid choice"),
        ({"audience": "everybody"}, "audience", "valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_made(desk, changes, field, words):
    answer = desk.client("secretariat").post(NEW, form(**changes))
    assert answer.status_code == 200
    assert words in str(answer.context["form"].errors[field])
    assert "Some answers need another look" in answer.content.decode(), "said where the page begins, too"
    assert "Practitioners in West Africa." in answer.content.decode(), "nothing that was typed is lost"
    assert not WorkingGroup.objects.filter(kind="location").exists()
    assert Space.objects.count() == 2


def test_it_is_the_secretariats_alone(desk):
    for name in ("lead", "author"):
        for address in (NEW, "/admin/working-groups/publishing/"):
            assert desk.client(name).get(address).status_code == 404
            assert desk.client(name).post(address, form()).status_code == 404
    assert not WorkingGroup.objects.filter(slug="west-africa").exists()


def test_the_list_of_groups_leads_to_the_same_form(desk):
    answer = desk.client("secretariat").get("/admin/snippets/members/workinggroup/add/")
    assert (answer.status_code, answer.url) == (302, NEW)
    assert NEW in desk.client("secretariat").get("/admin/").content.decode()
    assert NEW not in desk.client("lead").get("/admin/").content.decode()


def command(*more: str) -> str:
    out = StringIO()
    call_command("new_working_group", "West Africa", "--kind=location", *more, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_command_does_the_same_once(desk):
    assert "would make" in command("--lead=full@example.org")
    assert not WorkingGroup.objects.filter(slug="west-africa").exists()
    for _time in range(2):
        assert "west-africa" in command(
            "--lead=full@example.org", "--language=en", "--language=de", "--live", "--write"
        )
    group = WorkingGroup.objects.get(slug="west-africa")
    assert WorkingGroupPage.objects.filter(working_group=group).count() == 2
    assert Participation.objects.filter(group=group).count() == Office.objects.filter(group=group).count() == 1
    assert Space.objects.filter(working_group=group).count() == 1
    assert "would complete" in command()


def test_the_command_says_what_is_wrong(desk):
    with pytest.raises(CommandError, match=r"nobody@example\.org"):
        command("--lead=nobody@example.org", "--write")
    assert not WorkingGroup.objects.filter(slug="west-africa").exists()


def test_changes_of_how_things_are_published_are_kept_with_whoever_made_them(desk):
    address = "/admin/working-groups/publishing/"
    desk.client("secretariat").post(address, {"board": "on", "alone": [desk.group.pk]})
    desk.client("secretariat").post(address, {"board": "on", "alone": [desk.group.pk]})
    entries = ModelLogEntry.objects.filter(action="groups.rules")
    assert entries.count() == 2, "what stays as it is, is no change"
    assert {entry.user for entry in entries} == {desk.people["secretariat"]}
    desk.group.refresh_from_db()
    assert desk.group.lead_publishes_alone
    assert BoardDecision.objects.get().active
    desk.client("secretariat").post(address, {})
    desk.group.refresh_from_db()
    assert not desk.group.lead_publishes_alone
    assert not BoardDecision.objects.get().active
    assert [str(entry.message) for entry in entries.order_by("pk")[2:]] == [
        "Standards do not wait for the board",
        "Somebody else reads what a lead has written",
    ]
