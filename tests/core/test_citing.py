"""How pages are cited: forms that the strictest readers take, and files that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from core import citing
from core.citing import Citation
from core.models import HubPage
from events.models import EventIndexPage, EventPage, EventSpeaker
from guidebooks.models import GuidebookIndexPage, GuidebookPage
from resources import bibtex, ris
from resources.models import ResourcePage
from standards.models import StandardIndexPage, StandardPage

Make = Callable[..., Any]
pytestmark = pytest.mark.django_db
WORST = 'A {brace} \\ back & 100% $5 #1 _x ^y ~z "q"\r\n@article{x,\tEnd ü ص'


def cited(**fields: Any) -> Citation:
    """A citation with what matters to a test."""
    given = {
        "key": "index-7",
        "kind": "practice",
        "title": "A title",
        "authors": (),
        "by": "INDEX, Family and community",
        "address": "https://hub.example/editions/7/",
        "year": 2025,
    }
    return Citation(**{**given, **fields})


def test_every_sign_comes_back_from_bibtex_as_it_was() -> None:
    said = citing.as_bibtex(cited(title=WORST, authors=(WORST, "Barnes and Sons", "Okoro, Miriam"), summary=WORST))
    (entry,) = bibtex.entries(said)
    worst = " ".join(WORST.split())
    assert entry.problem == ""
    assert entry.text("title") == worst
    assert bibtex.names(entry.fields["author"]) == [worst, "Barnes and Sons", "Okoro, Miriam"]
    assert entry.text("abstract") == worst
    assert entry.fields["url"] == "https://hub.example/editions/7/"


def test_braces_of_bibtex_are_even_whatever_a_title_holds() -> None:
    for title in ("{", "}", "}}}{", "\\{", "\\", "a } b"):
        said = citing.as_bibtex(cited(title=title))
        assert said.count("{") == said.count("}")
        assert [entry.text("title") for entry in bibtex.entries(said)] == [title]


def test_every_sign_comes_back_from_ris_and_no_line_can_be_slipped_in() -> None:
    said = citing.as_ris(cited(title=f"{WORST}\nER  - \nTY  - JOUR", authors=("Okoro, Miriam", "A. Weber")))
    (record,) = ris.records(said.splitlines(keepends=True))
    assert record.problem == ""
    assert record.first("TI") == " ".join(f"{WORST} ER  - TY  - JOUR".split())
    assert record.all("AU") == ["Okoro, Miriam", "A. Weber"]
    assert all(line.endswith("\r\n") for line in said.splitlines(keepends=True))


def test_who_has_no_named_author_is_made_by_the_network() -> None:
    assert "author = {{INDEX, Family and community}}" in citing.as_bibtex(cited())
    assert "AU  - INDEX: Family and community\r\n" in citing.as_ris(cited())
    assert citing.as_text(cited()).startswith("INDEX, Family and community (2025). A title. Best practice. https://hub")


@pytest.mark.parametrize(
    ("kind", "more", "entry", "record"),
    [
        ("guidebook", {}, "@book{", "TY  - BOOK"),
        ("research", {}, "@techreport{", "TY  - RPRT"),
        ("research", {"published_in": "A Journal 3"}, "@article{", "TY  - JOUR"),
        ("standard", {}, "@misc{", "TY  - STAND"),
        ("webinar", {}, "@misc{", "TY  - VIDEO"),
        ("tool", {}, "@misc{", "TY  - GEN"),
    ],
)
def test_each_kind_has_its_type(kind: str, more: dict[str, Any], entry: str, record: str) -> None:
    assert citing.as_bibtex(cited(kind=kind, **more)).startswith(entry)
    assert citing.as_ris(cited(kind=kind, **more)).startswith(record)


def test_no_cell_is_a_formula() -> None:
    bad = ["=cmd()", "+1", "-1", "@x", "\t=1", " =1", "\r=1"]
    rows = list(csv.reader(io.StringIO(citing.as_csv([cited(title=title) for title in bad]), newline="")))
    assert rows[0][0] == "title"
    assert [row[0] for row in rows[1:]] == [f"'{title}" for title in bad]


# On the pages ---------------------------------------------------------------------------------------


def add(section: type[HubPage], page: Any) -> Any:
    """A page in a section."""
    return section.objects.get(locale__language_code="en").add_child(instance=page)  # type: ignore[attr-defined]


@pytest.fixture
def items(home: Any) -> dict[str, Any]:
    """One of each kind that can be cited, open to all."""
    past = timezone.now() - timedelta(days=20)
    event = EventPage(title="An evening", audience="public", starts_at=past, recording="It was recorded.")
    event.speakers.set([EventSpeaker(name="Miriam Okoro", role="Counsellor")])
    return {
        "guidebook": add(
            GuidebookIndexPage,
            GuidebookPage(title="A book", audience="public", authors="Okoro, Miriam; A. Weber", edition="Edition 1"),
        ),
        "standard": add(
            StandardIndexPage, StandardPage(title="Care", number="S9", edition="Draft 1", audience="public")
        ),
        "event": add(EventIndexPage, event),
        "coming": add(
            EventIndexPage, EventPage(title="To come", audience="public", starts_at=timezone.now() + timedelta(days=2))
        ),
    }


def test_items_show_their_three_forms_and_what_is_to_come_does_not(items: dict[str, Any], client: Client) -> None:
    for name, page in items.items():
        html = client.get(page.url).content.decode()
        assert ("Cite this" in html) == (name != "coming"), name
        if name != "coming":
            address = f"{settings.WAGTAILADMIN_BASE_URL}/editions/{page.pk}/"
            assert address in html
            assert f"index-{page.pk}" in html
            assert client.get(f"/cite/{page.pk}.bib").content.decode() in html.replace("&quot;", '"').replace(
                "&#x27;", "'"
            )
    assert "Okoro, Miriam; A. Weber" in client.get(items["guidebook"].url).content.decode()
    assert "Miriam Okoro (" in client.get(items["event"].url).content.decode()


def test_the_permanent_address_leads_to_the_page_wherever_it_stands(items: dict[str, Any], client: Client) -> None:
    page = items["guidebook"]
    assert client.get(f"/editions/{page.pk}/").url == page.url
    page.slug = "renamed"
    page.save()
    assert client.get(f"/editions/{page.pk}/").url == "/guidebooks/renamed/"
    assert client.get("/editions/99999999/").status_code == 404
    assert client.get("/editions/99999999999999999999999/").status_code == 404


def test_a_citation_comes_as_a_file(items: dict[str, Any], client: Client) -> None:
    pk = items["guidebook"].pk
    for form, media in (("bib", "application/x-bibtex"), ("ris", "application/x-research-info-systems")):
        answer = client.get(f"/cite/{pk}.{form}")
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith(media)
        assert answer["Content-Disposition"] == f'attachment; filename="index-{pk}.{form}"'
        assert answer["X-Robots-Tag"] == "noindex"
    assert client.get(f"/cite/{pk}.exe").status_code == 404
    assert client.post(f"/cite/{pk}.bib").status_code == 405


def test_authors_are_found_by_search_and_what_was_published_elsewhere_says_so(
    make_resource: Make, indexed: Make, client: Client
) -> None:
    page = make_resource(
        "What lasts",
        resource_kind="research",
        authors="Okoro, Miriam",
        published_in="A Journal 3",
        doi="10.1000/182",
        published_on=datetime(2021, 1, 1, tzinfo=UTC),
    )
    indexed()
    assert "What lasts" in client.get("/search/?q=author:okoro").content.decode()
    html = client.get(page.url).content.decode()
    assert 'href="https://doi.org/10.1000/182"' in html
    assert "Okoro, Miriam (2021). What lasts. Research. A Journal 3. https://doi.org/10.1000/182" in html
    assert "@article{" in html


def test_a_doi_and_an_address_are_checked(make_resource: Make) -> None:
    for wrong in (
        {"doi": "https://doi.org/10.1/x"},
        {"source_url": "javascript:alert(1)"},
        {"source_url": "ftp://x.y"},
    ):
        with pytest.raises(ValidationError):
            make_resource("Bad", **wrong)
    assert not ResourcePage.objects.filter(title="Bad").exists()
