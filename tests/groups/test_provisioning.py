"""What a working group gets to work and publish, made once however often it is asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Locale, Workflow, WorkflowPage
from wagtail.permissions import policy_registry

from core.models import HubDocument, HubImage
from groups.models import WorkingGroupPage
from groups.permissions import settle
from groups.provisioning import homes_of, provision, provision_all
from groups.spaces import Space
from members.models import Office, Participation, User, WorkingGroup, today
from members.offices import offices_of
from tests import personas

pytestmark = pytest.mark.django_db


def fresh(user: User) -> User:
    """The person as the next request knows him or her."""
    return User.objects.get(pk=user.pk)


def everything() -> list[int]:
    return [
        model.objects.count()
        for model in (
            *(Group, Collection, GroupPagePermission, GroupCollectionPermission, Workflow, WorkflowPage, Space),
            WorkingGroupPage,
        )
    ]


def test_provisioning_twice_makes_nothing_twice(people):
    group = personas.make_groups()[personas.GROUP]
    provision(group, ["en", "de"], live=True)
    first = everything()
    provision(group, ["en", "de"], live=True)
    provision_all()
    provision_all()
    after = everything()
    other = Space.objects.get(working_group__slug=personas.OTHER_GROUP)
    assert after[0] == first[0] + 1, "the other group has its permission group, and nothing else is new"
    assert after[-1] == first[-1]
    assert Workflow.objects.count() == 1
    assert len(Workflow.objects.get().tasks) == 3
    assert other.collection.name == "Prison and probation"


def test_a_group_gets_homes_rights_and_review_but_never_the_right_to_publish(people):
    group = personas.make_groups()[personas.GROUP]
    space = provision(group, ["en", "de"], audience="group", live=True)
    homes = list(homes_of(group))
    assert [home.locale.language_code for home in homes] == ["en", "de"]
    assert len({home.translation_key for home in homes}) == 1
    assert all(home.live and home.audience == "group" for home in homes)
    lead, other = fresh(people["lead"]), fresh(people["otherlead"])
    for home in homes:
        rights = home.permissions_for_user(lead)
        assert rights.can_edit()
        assert rights.can_add_subpage()
        assert not rights.can_publish()
        assert not rights.can_unpublish()
        assert not home.permissions_for_user(other).can_edit()
        assert home.get_workflow() is not None
    assert lead.has_perm("wagtailadmin.access_admin")
    for model in (HubImage, HubDocument):
        policy = policy_registry.get_by_type(model)
        assert set(policy.collections_user_has_permission_for(lead, "add")) == {space.collection}
        assert not policy.collections_user_has_permission_for(other, "add").exists()


def test_a_home_made_later_is_the_groups_too(people):
    group = personas.make_groups()[personas.GROUP]
    provision(group)
    home = homes_of(group).get()
    german = home.copy_for_translation(Locale.objects.get(language_code="de"), copy_parents=False)
    assert german.permissions_for_user(fresh(people["author"])).can_edit()


def test_a_right_to_publish_that_somebody_gave_by_hand_is_taken_back(people):
    group = personas.make_groups()[personas.GROUP]
    space = provision(group)
    home = homes_of(group).get()
    GroupPagePermission.objects.create(group=space.permission_group, page=home, permission_type="publish")
    provision(group)
    assert not home.permissions_for_user(fresh(people["lead"])).can_publish()


def test_a_name_that_changed_is_taken_over(people):
    group = personas.make_groups()[personas.GROUP]
    provision(group)
    group.name = "Families"
    group.save()
    space = provision(group)
    assert space.collection.name == "Families"
    assert space.permission_group.name.endswith("Families")
    assert Group.objects.filter(name__startswith=f"Working group {group.pk}:").count() == 1


def test_what_the_secretariat_deleted_is_made_again(people):
    group = personas.make_groups()[personas.GROUP]
    space = provision(group)
    space.permission_group.delete()
    assert not fresh(people["lead"]).has_perm("wagtailadmin.access_admin")
    provision(group)
    assert fresh(people["lead"]).has_perm("wagtailadmin.access_admin")


def test_offices_and_permission_groups_stay_in_step(people):
    group = personas.make_groups()[personas.GROUP]
    space = provision(group)
    inside = User.objects.filter(groups=space.permission_group)
    assert {user.email for user in inside} == {"lead@example.org", "author@example.org"}
    newcomer = people["group_full"]
    term = Office.objects.create(user=newcomer, group=group, role=Office.Role.AUTHOR)
    assert inside.filter(pk=newcomer.pk).exists(), "at once"
    term.delete()
    assert not inside.filter(pk=newcomer.pk).exists()
    Participation.objects.filter(user=people["author"]).first().delete()
    assert not inside.filter(pk=people["author"].pk).exists(), "who left the group holds no office in it"


def test_settling_reads_once_and_writes_only_a_difference(people, django_assert_num_queries):
    group = personas.make_groups()[personas.GROUP]
    space = provision(group)
    lead = fresh(people["lead"])
    offices = offices_of(lead)
    with django_assert_num_queries(1):
        assert not settle(lead, offices)
    assert lead.has_perm("wagtailadmin.access_admin")
    later = today() + timedelta(days=2000)
    assert settle(lead, on=later), "the membership has ended"
    assert not lead.has_perm("wagtailadmin.access_admin"), "what was remembered is forgotten"
    assert not lead.groups.filter(pk=space.permission_group_id).exists()
    assert settle(lead)


def test_settling_leaves_other_groups_of_the_person_alone(people):
    provision(personas.make_groups()[personas.GROUP])
    for name in ("secretariat", "board", "full"):
        before = set(people[name].groups.all())
        settle(people[name])
        assert set(people[name].groups.all()) == before


def test_rights_go_with_the_group(people):
    group = WorkingGroup.objects.create(name="Short lived", slug="short-lived", kind="theme")
    space = provision(group, languages=())
    name = space.permission_group.name
    group.delete()
    assert not Group.objects.filter(name=name).exists()
