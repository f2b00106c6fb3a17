"""The body of a page: how it is written out, counted and cut into sections."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image

from core.blocks import BodyBlock, BodyField, make_renditions
from core.models import HubImage
from core.reading import headings, sections, words_in

BODY = BodyBlock()


def body(*blocks: tuple[str, Any]) -> Any:
    """A body of these blocks, with ids that begin with a, b, c …"""
    return BODY.to_python(
        [
            {"type": kind, "value": value, "id": f"{chr(97 + place) * 8}-0000"}
            for place, (kind, value) in enumerate(blocks)
        ]
    )


def heading(text: str, level: str = "2", anchor: str = "") -> tuple[str, dict[str, str]]:
    return "heading", {"level": level, "text": text, "anchor": anchor}


def notes(**texts: str) -> tuple[str, list[Any]]:
    return "footnotes", [
        {"type": "item", "id": label, "value": {"label": label, "text": f"<p>{text}</p>"}}
        for label, text in texts.items()
    ]


def written(value: Any) -> str:
    return re.sub(r"\s+", " ", str(BODY.render(value)))


def test_every_heading_and_paragraph_has_an_anchor_made_of_its_block_id() -> None:
    html = written(body(heading("First"), ("paragraph", "<p>Words.</p>"), ("paragraph", "<ul><li>a</li></ul>")))
    assert '<h2 id="b-aaaaaaaa">First' in html
    assert '<p id="b-bbbbbbbb">Words.' in html
    assert '<ul id="b-cccccccc"><li>a</li></ul>' in html
    assert 'href="#b-bbbbbbbb"' in html


def test_an_anchor_of_its_own_is_given_once() -> None:
    html = written(body(heading("A", anchor="same"), heading("B", anchor="same")))
    assert '<h2 id="same">A' in html
    assert '<h2 id="b-bbbbbbbb">B' in html


def test_an_anchor_too_long_to_be_kept_is_refused_and_where_one_stands_the_block_id_names_it() -> None:
    html = written(body(heading("A", anchor="a" * 256), heading("B", anchor="b" * 255)))
    assert '<h2 id="b-aaaaaaaa">A' in html
    assert f'<h2 id="{"b" * 255}">B' in html
    with pytest.raises(ValidationError):
        BODY.clean(body(heading("A", anchor="a" * 256)))


def test_notes_are_numbered_by_the_text_and_stand_after_what_refers_to_them() -> None:
    html = written(
        body(
            ("paragraph", "<p>One[^b] and two[^a].</p>"),
            ("quote", {"text": "<p>Again[^b]</p>", "who": ""}),
            notes(a="Note A", b="Note B", c="Nobody refers to me"),
        )
    )
    assert html.count('id="ref-1"') == 1
    assert html.index("Note B") < html.index("Note A") < html.index("Again")
    assert html.count('href="#note-1"') == 2
    assert html.index("Nobody refers to me") > html.index("Again")
    assert "<h2>Notes</h2>" in html


def test_marks_in_code_links_and_without_a_note_stay_as_they_are() -> None:
    html = written(
        body(
            ("paragraph", '<p><code>[^a]</code> <a href="https://x.example/[^a]">[^a]</a> [^zz] [^a]</p>'),
            ("code", {"language": "", "text": "[^a]"}),
            notes(a="Note"),
        )
    )
    assert html.count("[^a]") == 4
    assert "[^zz]" in html
    assert html.count('href="#note-1"') == 1


def test_every_block_is_written_with_its_meaning() -> None:
    table = {
        "columns": [{"type": "text", "heading": "Who"}, {"type": "text", "heading": "What"}],
        "rows": [{"values": ["<p>Family</p>", "<p><b>Hope</b></p>"]}],
        "caption": "Who hopes",
    }
    inner = [{"type": "paragraph", "value": "<p>Inside.</p>"}]
    html = written(
        body(
            ("table", {"table": table, "row_names": True}),
            ("callout", {"kind": "care", "title": "", "body": inner}),
            ("practice_point", {"title": "Ask first", "body": inner}),
            ("checklist", {"title": "Before", "items": ["<p>Tell <b>one</b></p>"]}),
            ("quote", {"text": "<p>Words</p>", "who": "<p>somebody</p>"}),
            ("steps", {"ordered": True, "start": 4, "items": [inner]}),
            ("code", {"language": "js", "text": "<b>&"}),
            (
                "figure",
                {"image": None, "alt": "A lamp", "decorative": False, "caption": "<p>Lit</p>", "credit": "INDEX"},
            ),
        )
    )
    assert "<caption>Who hopes</caption>" in html
    assert '<th scope="col">Who</th>' in html
    assert '<th scope="row">Family</th><td><b>Hope</b></td>' in html
    assert "Take care" in html
    assert "Ask first" in html
    assert 'type="checkbox"' in html
    assert " name=" not in html  # Nothing of a checklist can be sent.
    assert "Tell <b>one</b>" in html
    assert "<figcaption>somebody</figcaption>" in html
    assert 'start="4"' in html
    assert "&lt;b&gt;&amp;" in html
    assert "A lamp" in html
    assert " style=" not in html


def test_keys_of_the_editor_become_anchors_of_paragraphs_and_go_elsewhere() -> None:
    text = '<p data-block-key="k1">A</p><p data-block-key="k2">B</p><ul><li data-block-key="k3">C</li></ul>'
    html = written(body(("paragraph", text)))
    assert 'id="k-k2"' in html
    assert "data-block-key" not in html


def test_sections_are_cut_at_headings_of_two_levels() -> None:
    value = body(
        ("paragraph", "<p>Before.</p>"),
        heading("One", anchor="one"),
        ("paragraph", "<p>Text[^1] of one.</p>"),
        heading("Small", level="4"),
        ("paragraph", "<p>Still one.</p>"),
        heading("Two", level="3"),
        heading("Three"),
        ("callout", {"kind": "note", "title": "Box", "body": [{"type": "paragraph", "value": "<p>In it.</p>"}]}),
    )
    found = [(s.anchor, s.title, s.level, s.text) for s in sections(value)]
    assert found == [
        ("", "", 2, "Before."),
        ("one", "One", 2, "Text of one. Small Still one."),
        ("b-ffffffff", "Two", 3, ""),
        ("b-gggggggg", "Three", 2, "Box In it."),
    ]
    assert [part.title for part in headings(value)] == ["One", "Two", "Three"]
    assert words_in(value) == 1 + 1 + 3 + 1 + 2 + 1 + 1 + 3
    assert words_in(BODY.to_python([])) == 0
    assert list(sections(BODY.to_python([]))) == []


def test_words_of_a_list_within_a_list_stand_apart():
    value = body(
        ("paragraph", "<ul><li>One<ul><li>Two<ol><li>Three</li></ol></li></ul></li><li>Four<br/>&amp; five</li></ul>")
    )
    assert [" ".join(section.text.split()) for section in sections(value)] == ["One Two Three Four & five"]
    assert words_in(value) == 5


def test_a_figure_needs_words_or_is_decoration() -> None:
    figure = BODY.child_blocks["figure"]
    said = {"image": None, "alt": "", "decorative": False, "caption": "", "credit": ""}
    with pytest.raises(ValidationError):
        figure.clean(figure.to_python(said))
    figure.clean(figure.to_python({**said, "decorative": True}))
    figure.clean(figure.to_python({**said, "alt": "A lamp"}))


@pytest.fixture
def pictures(db: None) -> list[HubImage]:
    made = []
    for number in range(4):
        data = BytesIO()
        Image.new("RGB", (1400, 700), (number * 40, 90, 90)).save(data, "PNG")
        file = ContentFile(data.getvalue(), name=f"p{number}.png")
        made.append(HubImage.objects.create(title=f"P{number}", file=file, audience="public"))
    return made


def test_pictures_cost_two_queries_however_many_and_reading_makes_none(
    pictures: list[HubImage], django_assert_num_queries: Any
) -> None:
    def figures(some: list[HubImage]) -> Any:
        raw = [
            ("figure", {"image": p.pk, "alt": p.title, "decorative": False, "caption": "", "credit": ""}) for p in some
        ]
        return body(*raw)

    make_renditions(figures(pictures))
    for some in (pictures[:1], pictures):
        with django_assert_num_queries(2):
            html = written(figures(some))
        assert html.count("<img") == len(some)
        assert html.count("960w") == len(some)
        assert 'alt="P0"' in html


def test_the_link_block_shows_only_what_its_reader_may_open(make_page: Any, rf: Any) -> None:
    closed, opened = make_page("Closed", audience="members"), make_page("Open")
    value = body(
        ("link", {"page": closed.pk, "clause": "", "text": ""}),
        ("link", {"page": closed.pk, "clause": "", "text": "Words"}),
        ("link", {"page": opened.pk, "clause": "S2.4", "text": ""}),
    )
    html = str(BODY.render(value, {"request": rf.get("/")}))
    assert "Closed" not in html
    assert "Words" in html
    assert closed.url not in html
    assert f'href="{opened.url}#S2.4"' in html


def test_migrations_do_not_repeat_the_blocks() -> None:
    _name, path, args, kwargs = BodyField(blank=True).deconstruct()
    assert path == "core.blocks.BodyField"
    assert (args, kwargs) == ([], {"blank": True})
