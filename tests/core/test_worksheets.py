"""Worksheets: what is written in Markdown becomes a block, and the block becomes fields that can send nothing."""

from __future__ import annotations

import pytest
from lxml import html

from core.blocks import BodyBlock, has_entries
from core.markdown import blocks_from_markdown
from core.worksheets import worksheet_from

SHEET = """
title: A <map>
instructions: Ten minutes & a pencil.
fields:
- line: Whom to call
  hint: at night
- text: What I know
  rows: 4
- choice: From whom
  options: [self, others, 7]
- choice: For whom
  options: [me, you]
  several: true
- scale: How safe
  lowest: not
  highest: very
  steps: 4
- table: Who does what
  columns: [what, who]
  rows: 3
"""


def rendered(markdown: str) -> html.HtmlElement:
    converted = blocks_from_markdown(markdown)
    body = BodyBlock().to_python([{"id": f"block-{n}", **block} for n, block in enumerate(converted.blocks)])
    return html.fragment_fromstring(body.render_as_block(), create_parent="div")


def test_a_fence_becomes_a_worksheet_that_can_send_nothing():
    page = rendered(f"Before.\n\n```worksheet\n{SHEET}```\n\nAfter.")
    assert not page.xpath("//form | //*[@action] | //button[@type='submit']")
    named = page.xpath("//*[@name]")
    assert {control.get("type") for control in named} == {"radio"}, "only round buttons have a name, to belong together"
    sheet = page.xpath("//section[contains(@class, 'worksheet')]")[0]
    assert sheet.xpath("string(.//p[contains(@class, 'callout__title')])") == "A <map>"
    assert "Ten minutes & a pencil." in sheet.text_content()
    assert len(sheet.xpath(".//input[@type='text']")) == 1 + 2 * 3
    assert [area.get("rows") for area in sheet.xpath(".//textarea")] == ["4"]
    assert len(sheet.xpath(".//input[@type='radio']")) == 3 + 4
    assert all(control.get("autocomplete") == "off" for control in sheet.xpath(".//input | .//textarea"))


def test_every_field_has_words_of_its_own():
    page = rendered(f"```worksheet\n{SHEET}```")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    tools = "ancestor::*[@data-tools]"
    for control in page.xpath(f"//input[not({tools})] | //textarea"):
        label = page.xpath(f"//label[@for='{control.get('id')}']") if control.get("id") else []
        assert label or control.get("aria-label") or control.xpath("ancestor::label")
        for described in (control.get("aria-describedby") or "").split():
            assert described in ids
    keys = page.xpath("//@data-key")
    assert len(keys) == len(set(keys))


def test_what_a_worksheet_asks_is_found_by_search_and_counted():
    converted = blocks_from_markdown(f"```worksheet\n{SHEET}```")
    assert converted.remarks == []
    assert converted.counts.agree
    body = BodyBlock().to_python(converted.blocks)
    words = " ".join(body[0].block.get_searchable_content(body[0].value))
    assert "Whom to call" in words
    assert "others" in words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fields: []",
        "fields: [line]",
        "fields:\n- line:",
        "fields:\n- other: x",
        "fields:\n- choice: x",
        "fields:\n- choice: x\n  options: [one]",
        "fields:\n- scale: x\n  steps: 11",
        "fields:\n- text: x\n  rows: many",
        "fields:\n- table: x\n  columns: []",
        "fields:\n- line: {a: b}",
        f"fields:\n- line: {'x' * 256}",
        "fields: [",
        "fields:\n" + "- line: x\n" * 61,
    ],
)
def test_what_is_no_worksheet_is_kept_as_it_was_written_and_remarked(text):
    with pytest.raises(ValueError, match=r"\w"):
        worksheet_from(text)
    converted = blocks_from_markdown(f"```worksheet\n{text}\n```")
    assert [block["type"] for block in converted.blocks] == ["code"]
    assert "worksheet could not be read" in " ".join(converted.remarks)


def test_a_body_knows_whether_it_has_something_to_fill_in():
    def body(*blocks):
        return BodyBlock().to_python(list(blocks))

    checklist = {"type": "checklist", "value": {"title": "", "items": ["<p>One</p>"]}}
    box = {"type": "callout", "value": {"kind": "note", "title": "", "body": [checklist]}}
    assert not has_entries(body({"type": "paragraph", "value": "<p>checklist</p>"}))
    assert has_entries(body(box))
    assert not has_entries(body(box), "worksheet")
    assert not has_entries(body())
