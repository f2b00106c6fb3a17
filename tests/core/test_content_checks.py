"""What an author is asked to look at: found in every kind of block, said in words, never more than can be read."""

from __future__ import annotations

import pytest

from core.content_checks import MOST, remarks_on
from hub.models import HomePage, PlainPage

pytestmark = pytest.mark.django_db


def found(*blocks, kind=None):
    page = PlainPage(title="A page", audience="members", body=list(blocks))
    HomePage.objects.get(locale__language_code="en").add_child(instance=page)
    page = PlainPage.objects.get(pk=page.pk)
    return [(r.words, r.where) for r in remarks_on(page) if kind in (None, r.kind)]


def text(html):
    return ("paragraph", html)


def test_a_good_text_has_no_remarks():
    good = "<p>Ask first. Then listen, and read <a href='https://example.org'>the notes on listening</a>.</p>"
    assert found(("heading", {"level": "2", "text": "Listening"}), text(good)) == []
    assert remarks_on(PlainPage(title="New")) == []
    assert found() == []


def test_a_picture_needs_words_or_is_decoration():
    figure = {"image": None, "alt": "", "decorative": False, "caption": "<p>The map</p>", "credit": ""}
    said = found(("figure", figure), ("figure", {**figure, "alt": "A map"}), ("figure", {**figure, "decorative": True}))
    assert said == [("Picture 1 has no words for people who cannot see it.", "The map")]
    inside = found(("callout", {"kind": "note", "title": "", "body": [{"type": "figure", "value": figure}]}))
    assert len(inside) == 1


@pytest.mark.parametrize("words", ["here", "Click here", "hier", "ici.", "هنا", "read more"])
def test_a_link_says_where_it_leads(words):
    said = found(text(f'<p>See <a href="https://example.org">{words}</a></p>'), kind="link")
    assert said == [("A link should say where it leads.", words)]


def test_a_link_has_words_and_is_no_long_address():
    address = "https://example.org/a/very/long/address/that/nobody/reads.html"
    said = found(text(f'<p><a href="{address}">{address}</a> <a href="https://example.org"> </a></p>'), kind="link")
    assert {words for words, _where in said} == {
        "A long address is hard to read: give the link words.",
        "A link has no words.",
    }


def test_headings_go_down_one_level_at_a_time():
    said = found(*(("heading", {"level": level, "text": f"Level {level}"}) for level in ("2", "4", "2", "3", "4")))
    assert said == [("A level of headings is left out before this one.", "Level 4")]


def test_long_sentences_are_named_wherever_they_stand():
    long = "We " + "and they " * 20 + "agreed."
    assert len(found(text(f"<p>{long}</p>"), kind="sentence")) == 1
    quote = ("quote", {"text": f"<p>{long}</p>", "who": ""})
    steps = ("steps", {"ordered": True, "start": 1, "items": [[{"type": "paragraph", "value": f"<p>{long}</p>"}]]})
    assert len(found(quote, steps, kind="sentence")) == 2
    assert found(text("<ul>" + "<li>Five words in one item</li>" * 20 + "</ul>"), kind="sentence") == []
    assert found(("code", {"language": "", "text": long}), kind="sentence") == []


@pytest.mark.parametrize(
    "words",
    [
        "Then Mr. Kamau came back.",
        "Frau Müller rief an.",
        "Madame Diallo a appelé.",
        "A.K. was nineteen then.",
        "Write to amina.k@example.org.",
        "Call +254 700 123 456 at night.",
        "He was born on 3 May.",
        "He came on 3.5.2019 to us.",
        "See case no. 4711/22.",
    ],
)
def test_what_could_point_at_a_person_is_asked_about(words):
    said = found(text(f"<p>{words}</p>"), kind="person")
    assert len(said) == 1, said
    assert said[0][0].startswith("Could this point at a person?")


@pytest.mark.parametrize(
    "words",
    ["In 2026 the U.S. and the UK agreed.", "Between 10 and 15 sessions.", "See chapter 4.", "In May 2026 we met."],
)
def test_ordinary_words_do_not_look_like_a_person(words):
    assert found(text(f"<p>{words}</p>"), kind="person") == []


def test_a_heavy_page_is_said_to_be_heavy():
    said = found(*(text(f"<p>{'Words. ' * 1500}</p>") for _number in range(12)), kind="weight")
    assert len(said) == 1
    assert "KB" in said[0][0]


def test_there_are_never_more_than_can_be_read():
    said = found(text("".join(f"<p>Mr. Name{number} came.</p>" for number in range(100))), kind="person")
    assert len(said) == MOST
