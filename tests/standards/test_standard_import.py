"""Standards from files: the demo's eight, and files with mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from django.conf import settings

from core.imported import ImportProblem
from core.models import Topic
from standards.importing import import_standard
from standards.models import StandardPage

pytestmark = pytest.mark.django_db

DEMO = Path(settings.BASE_DIR) / "demo"
GOOD = """---
title: Safeguarding
number: S6
edition: Draft 2
status: consultation
audience: public
clauses:
  - number: "1"
    text: One named person.
    guidance: Also a deputy.
    rests_on: [agreeing]
  - number: 3
    text: A worker tells it.
    scope: context
    context: Custody
---
Introduction.
"""


@pytest.fixture
def vocabulary(db):
    for topic in yaml.safe_load((DEMO / "topics.yaml").read_text()):
        Topic.objects.get_or_create(slug=topic["slug"], defaults={"name": topic["name"]["en"]})


@pytest.fixture
def file_of(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "safeguarding.md"
        path.write_text(text)
        return path

    return write


def nothing(_name: str) -> None:
    return None


def test_the_eight_standards_of_the_demo_come_in_whole(section, vocabulary, make_page):
    source = make_page("A source")
    files = [path for path in sorted((DEMO / "standards").glob("*.md")) if path.name.count(".") == 1]
    for path in files:
        made = import_standard(path, section, find=lambda _name: source)
        written = yaml.safe_load(path.read_text().split("---\n")[1])["clauses"]
        page = StandardPage.objects.get(pk=made.page.pk)
        assert [str(clause.number) for clause in page.clauses.all()] == [str(item["number"]) for item in written]
        assert sum(clause.rests_on.count() for clause in page.clauses.all()) == sum(
            len(item.get("rests_on") or []) for item in written
        )
        assert made.remarks == []
    assert sorted(StandardPage.objects.values_list("number", flat=True)) == [f"S{n}" for n in range(1, 9)]
    assert not StandardPage.objects.filter(status="adopted").exists()
    assert not any(import_standard(path, section, find=nothing).is_new for path in files)


def test_clauses_keep_the_numbers_of_the_file(section, file_of, make_page):
    source = make_page("Agreeing")
    made = import_standard(file_of(GOOD), section, find={"agreeing": source}.get)
    clauses = list(made.page.clauses.all())
    assert [(c.number, c.scope, c.context) for c in clauses] == [(1, "universal", ""), (3, "context", "Custody")]
    assert [link.page_id for link in clauses[0].rests_on.all()] == [source.pk]
    assert StandardPage.objects.get(pk=made.page.pk).last_number == 3


def test_what_a_clause_rests_on_and_is_not_there_is_remarked(section, file_of):
    made = import_standard(file_of(GOOD), section, find=nothing)
    assert made.remarks == ["clause 1 rests on agreeing, which is not there"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("number: S6", "number: 6"), "number: expected S and a number"),
        (("number: S6", "number:"), "number: is missing"),
        (("edition: Draft 2\n", ""), "edition: is missing"),
        (("status: consultation", "status: famous"), "status: unknown: famous"),
        (("number: 3", "number: 1"), "clauses, number 2: number: 1 is there twice"),
        (("number: 3", "number: none"), "clauses, number 2: number: expected a whole number"),
        (("number: 3", "number: 0"), "0 is not between 1 and 999"),
        (("    context: Custody\n", ""), "clauses, number 2: context: is missing"),
        (("scope: context", "scope: universal"), "the clause is universal"),
        (("text: One named person.", "text:"), "clauses, number 1: text: is missing"),
        (("clauses:\n", "clauses: none\nothers:\n"), "clauses: expected a list"),
    ],
)
def test_a_mistake_is_named_with_its_field_and_nothing_is_saved(section, file_of, change, words):
    with pytest.raises(ImportProblem) as refused:
        import_standard(file_of(GOOD.replace(*change)), section, find=nothing)
    assert words in str(refused.value)
    assert not StandardPage.objects.exists()


def test_markup_in_a_clause_is_words(section, file_of):
    text = GOOD.replace("One named person.", "'<script>alert(1)</script> & more'")
    page = import_standard(file_of(text), section, find=nothing).page
    assert page.clauses.first().text == "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; more</p>"
