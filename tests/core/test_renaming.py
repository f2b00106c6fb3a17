"""New names of topics, keywords and working groups reach the pages that carry them in the index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.models import Keyword, Topic
from members.models import WorkingGroup
from search.models import Change

Make = Callable[..., Any]


@pytest.fixture
def named(make_page: Make) -> dict[str, Any]:
    """Two pages: one carries a narrower topic, a keyword and a group, the other nothing."""
    above = Topic.objects.create(name="Above", slug="above")
    topic = Topic.objects.create(name="Zebras", slug="zebras", parent=above)
    keyword = Keyword.objects.create(name="Word", slug="word")
    group = WorkingGroup.objects.create(name="Group", slug="group-one")
    page = make_page("Carries", working_group=group)
    page.topics.set([topic])
    page.keywords.set([keyword])
    page.save()
    make_page("Carries nothing")
    Change.objects.all().delete()
    return {"above": above, "topic": topic, "keyword": keyword, "group": group, "page": page}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("topic", "name"),
        ("topic", "name_de"),
        ("topic", "slug"),
        ("above", "slug"),
        ("keyword", "name"),
        ("group", "slug"),
    ],
)
def test_a_new_name_has_the_pages_that_carry_it_looked_at_again(named: dict[str, Any], name: str, field: str) -> None:
    thing = named[name]
    setattr(thing, field, "another")
    thing.save()
    assert set(Change.objects.values_list("object_id", flat=True)) == {str(named["page"].pk)}


@pytest.mark.parametrize("name", ["topic", "above", "keyword", "group"])
def test_a_save_that_changes_no_name_leaves_the_index_alone(named: dict[str, Any], name: str) -> None:
    named[name].save()
    assert not Change.objects.exists()


def test_a_new_topic_is_on_no_page(db: None) -> None:
    Change.objects.all().delete()
    Topic.objects.create(name="New", slug="new")
    assert not Change.objects.exists()
