"""Homes of working groups from files."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from django.conf import settings

from core.imported import ImportProblem
from core.models import Topic
from groups.importing import import_group
from groups.models import WorkingGroupPage
from members.demo import GROUPS
from members.models import WorkingGroup

pytestmark = pytest.mark.django_db

DEMO = Path(settings.BASE_DIR) / "demo"
GOOD = """---
title: Family and community
working_group: family-and-community
kind: theme
audience: members
teaser: true
---
Our aim.
"""


@pytest.fixture
def groups(db):
    for topic in yaml.safe_load((DEMO / "topics.yaml").read_text()):
        Topic.objects.get_or_create(slug=topic["slug"], defaults={"name": topic["name"]["en"]})
    for group in GROUPS:
        WorkingGroup.objects.get_or_create(slug=group["slug"], defaults=group)


@pytest.fixture
def file_of(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "family-and-community.md"
        path.write_text(text)
        return path

    return write


def test_the_groups_of_the_demo_come_in_with_their_people_named(section, groups):
    files = [path for path in sorted((DEMO / "groups").glob("*.md")) if path.name.count(".") == 1]
    for path in files:
        page = import_group(path, section).page
        assert page.working_group.slug == path.stem
        assert page.live
    assert WorkingGroupPage.objects.count() == len(files) >= 4
    assert not any(import_group(path, section).is_new for path in files)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("working_group: family-and-community\n", ""), "working_group: is missing"),
        (("working_group: family-and-community", "working_group: nobody"), "no such working group: nobody"),
        (("kind: theme", "kind: location"), "kind: is location, the working group is of the kind theme"),
        (("kind: theme", "kind: club"), "kind: unknown: club"),
        (("audience: members", "audience: public"), "teaser"),
    ],
)
def test_a_mistake_is_named_with_its_field_and_nothing_is_saved(section, groups, file_of, change, words):
    with pytest.raises(ImportProblem) as refused:
        import_group(file_of(GOOD.replace(*change)), section)
    assert words in str(refused.value)
    assert not WorkingGroupPage.objects.exists()


def test_a_second_home_of_a_group_is_refused_in_words(section, groups, file_of):
    import_group(file_of(GOOD), section)
    with pytest.raises(ImportProblem, match="has a page in this language already"):
        import_group(file_of(GOOD), section, slug="another")
