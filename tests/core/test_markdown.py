"""Markdown becomes blocks, and nothing is lost without a word."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import frontmatter
from core.blocks import BodyBlock
from core.html_words import clean
from core.markdown import LONGEST, Converted, blocks_from_markdown

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "data" / "corpora"


def picture(src: str, alt: str) -> Any:
    """Find every picture but those with "missing" in their address."""
    return None if "missing" in src else SimpleNamespace(pk=7)


def convert(text: str, **how: Any) -> Converted:
    """Convert, and check that the counts add up and that the blocks are blocks of a body."""
    converted = blocks_from_markdown(text, image=picture, **how)
    assert converted.counts.agree, converted.counts.differing()
    BodyBlock().to_python(converted.blocks)
    return converted


def types(converted: Converted) -> list[str]:
    return [block["type"] for block in converted.blocks]


def value(converted: Converted, kind: str) -> Any:
    return next(block["value"] for block in converted.blocks if block["type"] == kind)


def test_a_page_of_everything_keeps_its_order() -> None:
    converted = convert(
        """# Title

Intro with **bold**, *italic*, `code`, ~~old~~ and a [link](https://example.org/?a=1&b=2).

## Part {#part-one}

- one
- two
  1. nested

| Name | Number |
|---|---:|
| **A** | [1](https://example.org) |

> Words
> — somebody

```python
print("<b>")
```

![A map](map.png "The way | INDEX")

Note[^a].

[^a]: The *note*.
""",
        take_title=True,
    )
    assert converted.title == "Title"
    assert types(converted) == [
        "paragraph", "heading", "paragraph", "table", "quote", "code", "figure", "paragraph", "footnotes",
    ]  # fmt: skip
    assert converted.blocks[0]["value"] == (
        "<p>Intro with <b>bold</b>, <i>italic</i>, <code>code</code>, <s>old</s> and a "
        '<a href="https://example.org/?a=1&amp;b=2">link</a>.</p>'
    )
    assert value(converted, "heading") == {"level": "2", "text": "Part", "anchor": "part-one"}
    assert converted.blocks[2]["value"] == "<ul><li>one</li><li>two<ol><li>nested</li></ol></li></ul>"
    table = value(converted, "table")["table"]
    assert [column["heading"] for column in table["columns"]] == ["Name", "Number"]
    assert table["rows"][0]["values"][0] == "<p><b>A</b></p>"
    assert value(converted, "quote") == {"text": "<p>Words</p>", "who": "<p>somebody</p>"}
    assert value(converted, "code") == {"language": "python", "text": 'print("<b>")'}
    figure = value(converted, "figure")
    assert (figure["image"], figure["alt"], figure["credit"]) == (7, "A map", "INDEX")
    assert figure["caption"] == "<p>The way</p>"
    assert "[^a]" in converted.blocks[7]["value"]
    note = value(converted, "footnotes")[0]["value"]
    assert note == {"label": "a", "text": "<p>The <i>note</i>.</p>"}


def test_boxes_of_the_hub_become_their_blocks() -> None:
    converted = convert(
        """::: practice-point Ask first
Text with a [link](https://example.org).

- a list
:::

::: callout A word
Inside.
:::

::: warning
Mind the step.
:::

::: checklist Before you go
- Tell somebody
- Take the *phone*
:::
"""
    )
    assert types(converted) == ["practice_point", "callout", "callout", "checklist"]
    assert value(converted, "practice_point")["title"] == "Ask first"
    assert [b["type"] for b in value(converted, "practice_point")["body"]] == ["paragraph", "paragraph"]
    assert converted.blocks[2]["value"]["kind"] == "care"
    checklist = value(converted, "checklist")
    assert checklist["title"] == "Before you go"
    assert [item["value"] for item in checklist["items"]] == [
        "<p>Tell somebody</p>",
        "<p>Take the <i>phone</i></p>",
    ]


def test_tasks_become_a_checklist_with_nested_ones_too() -> None:
    converted = convert("- [ ] one\n- [x] two\n  - [ ] within two\n")
    assert types(converted) == ["checklist"]
    assert len(value(converted, "checklist")["items"]) == 3


def test_a_list_that_holds_more_than_text_becomes_steps_and_keeps_its_numbers() -> None:
    converted = convert("3. Look:\n\n   ![Screen](a.png)\n\n4. Type:\n\n   ```\n   go\n   ```\n")
    assert types(converted) == ["steps"]
    steps = value(converted, "steps")
    assert (steps["ordered"], steps["start"]) == (True, 3)
    inner = [[block["type"] for block in item["value"]] for item in steps["items"]]
    assert inner == [["paragraph", "figure"], ["paragraph", "code"]]


def test_levels_of_headings_go_down_one_at_a_time() -> None:
    converted = convert("## A\n\n##### B\n\n# C\n\n### D\n")
    assert [block["value"]["level"] for block in converted.blocks] == ["2", "3", "2", "3"]


def test_links_within_the_text_lead_to_where_the_heading_is_now() -> None:
    converted = convert("See [below](#Ask_before).\n\n## Ask before\n\n## Ask before\n\n[gone](#nowhere)\n")
    assert '<a href="#ask-before">below</a>' in converted.blocks[0]["value"]
    assert [b["value"]["anchor"] for b in converted.blocks if b["type"] == "heading"] == [
        "ask-before",
        "ask-before-1",
    ]
    assert converted.blocks[-1]["value"] == "<p>gone</p>"
    assert any("#nowhere" in remark for remark in converted.remarks)


def test_long_headings_of_the_same_words_have_anchors_that_can_be_kept() -> None:
    words = "Ask " * 70
    converted = convert(f"[below](#{'ask-' * 63}ask)\n\n## {words}\n\n## {words}\n\n## {words}\n")
    anchors = [block["value"]["anchor"] for block in converted.blocks if block["type"] == "heading"]
    assert len(set(anchors)) == 3
    assert max(map(len, anchors)) <= 210
    assert f'href="#{anchors[0]}"' in converted.blocks[0]["value"]


def test_the_link_function_decides_where_links_lead() -> None:
    def link(address: str) -> str | None:
        return {"a.md": "page:12", "a.md#x": "page:12#x", "clause:S2.4": "clause:S2.4"}.get(address)

    converted = convert("[a](a.md) [b](a.md#x) [c](clause:S2.4) [d](gone.md)", link=link)
    assert converted.blocks[0]["value"] == (
        '<p><a linktype="page" id="12">a</a> <a linktype="page" id="12" anchor="x">b</a> '
        '<a linktype="clause" id="S2.4">c</a> d</p>'
    )
    assert converted.counts.lost["links"] == 1


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
    ],
)
def test_unsafe_addresses_are_taken_out_and_their_words_stay(address: str) -> None:
    converted = convert(f'Before <a href="{address}">words</a> after')
    assert converted.blocks[0]["value"] == "<p>Before words after</p>"
    assert converted.counts.lost["links"] == 1
    assert converted.remarks


def test_scripts_styles_and_event_attributes_do_not_come_through() -> None:
    converted = convert(
        '<p onclick="x()">Text <b style="color:red" onmouseover="x()">bold</b></p>\n\n'
        "<script>alert(1)</script>\n\n<style>p {}</style>\n\n<img src=x onerror=alert(1)>\n"
    )
    said = repr(converted.blocks)
    assert "<p>Text <b>bold</b></p>" in said
    assert "alert" not in said.replace("onerror", "")
    assert "onclick" not in said
    assert len([remark for remark in converted.remarks if "was left out" in remark]) == 2


def test_html_between_markdown_is_mapped() -> None:
    converted = convert(
        """<aside class="pquote" markdown="1">
  <img src="missing.png" alt="avatar">
  Some **strong** words.
  <p markdown="1" class="pquote-credit">
— @who, ["Talk"](https://example.org/talk)
  </p>
</aside>

<div class="usa-alert usa-alert--warning"><h3>Careful</h3><p>It is hot.</p></div>

<details><summary>More</summary>

Hidden *text*.

</details>

<table><caption>Tab</caption><tr><th>A</th><th>B</th></tr>
<tr><td rowspan="2">1</td><td>2</td></tr><tr><td>3</td></tr></table>

<iframe src="https://video.example/1" title="A film"></iframe>

<figure><img src="a.png" alt="A"><figcaption>See <a href="https://example.org">this</a></figcaption></figure>

<div><input type="checkbox" id="c1"><label for="c1">Done it?</label></div>
<div><input type="checkbox" id="c2"><label for="c2">Really?</label></div>

Dear <name of the client>, hello.
"""
    )
    assert types(converted) == [
        "quote", "callout", "callout", "table", "paragraph", "figure", "checklist", "paragraph",
    ]  # fmt: skip
    quote = value(converted, "quote")
    assert quote["text"] == "<p>Some <b>strong</b> words.</p>"
    assert quote["who"] == '<p>@who, "<a href="https://example.org/talk">Talk</a>"</p>' or "Talk" in quote["who"]
    assert converted.blocks[1]["value"]["kind"] == "care"
    assert converted.blocks[2]["value"]["title"] == "More"
    table = value(converted, "table")["table"]
    assert table["caption"] == "Tab"
    assert [row["values"] for row in table["rows"]] == [["<p>1</p>", "<p>2</p>"], ["", "<p>3</p>"]]
    assert '<a href="https://video.example/1">A film</a>' in converted.blocks[4]["value"]
    assert '<a href="https://example.org">this</a>' in value(converted, "figure")["caption"]
    assert len(value(converted, "checklist")["items"]) == 2
    assert converted.blocks[-1]["value"] == "<p>Dear &lt;name of the client&gt;, hello.</p>"


def test_a_missing_picture_stays_as_its_words_and_is_remarked() -> None:
    converted = convert("![A lamp](missing.png)\n\n[![Badge](missing-b.png)](https://example.org)\n")
    assert [b["value"]["image"] for b in converted.blocks] == [None, None]
    assert converted.blocks[0]["value"]["alt"] == "A lamp"
    assert converted.counts.lost["images"] == 2
    assert '<a href="https://example.org">Badge</a>' in converted.blocks[1]["value"]["caption"]
    assert [remark for remark in converted.remarks if remark.startswith("picture missing")]


def test_directives_roles_and_targets_of_myst() -> None:
    converted = convert(
        """(cm-start)=
# Start

```{figure} figures/a.jpg
---
name: fig-a
alt: A group: three people
---
Drawn by [us](https://example.org).
```

```{note} Short note.
```

````{admonition} With code
:class: dropdown
```
x
```
````

See {ref}`the part <cm-part>`, {ref}`cm-part`, {term}`Exit` and {cite}`A2020,B2021`.

(cm-part)=
## A part

```{glossary}
Exit
  Leaving a group.

Way out
  Same.
```

```{unknown} x
kept
```
""",
        link=lambda address: "page:3" if address.startswith(("ref:", "term:")) else None,
        names={"ref:cm-part": "A part"},
        take_title=True,
    )
    assert converted.title == "Start"
    assert converted.targets["cm-part"] == "a-part"
    assert "term-exit" in converted.targets
    assert types(converted)[:4] == ["figure", "callout", "callout", "paragraph"]
    assert value(converted, "figure")["alt"] == "A group: three people"
    text = converted.blocks[3]["value"]
    assert '<a linktype="page" id="3">the part</a>' in text
    assert '<a linktype="page" id="3">A part</a>' in text
    assert "(A2020, B2021)" in text
    assert converted.blocks[-1]["type"] == "code"
    assert any("unknown" in remark for remark in converted.remarks)
    assert any("A2020" in remark for remark in converted.remarks)


def test_pieces_of_site_generators() -> None:
    converted = convert(
        """{% comment %}not shown{% endcomment %}
See [the guide]({{ "/guide/" | url }}) of {{ title }}, {{ your name }}.

{% capture inside %}
A **boxed** text.
{% endcapture %}

{% include 'x/info_box.html' header: "Box" content: inside %}

{% image_with_class "assets/a.png" "wide" "A plan" %}

{% highlight js %}
let a = "<b>";
{% endhighlight %}

{% include "x/unknown.html" %}

`{{ stays }}`

Heading
{:.big}
""",
        page={"title": "Work & rest"},
        link=lambda address: f"https://example.org{address}",
    )
    assert types(converted) == ["paragraph", "callout", "figure", "code", "paragraph", "paragraph"]
    assert converted.blocks[0]["value"] == (
        '<p>See <a href="https://example.org/guide/">the guide</a> of Work &amp; rest, {{ your name }}.</p>'
    )
    assert value(converted, "callout")["title"] == "Box"
    assert value(converted, "figure")["alt"] == "A plan"
    assert value(converted, "code") == {"language": "js", "text": 'let a = "<b>";'}
    assert converted.blocks[4]["value"] == "<p><code>{{ stays }}</code></p>"
    assert any("x/unknown.html" in remark for remark in converted.remarks)


def test_the_same_text_has_the_same_ids_and_a_change_changes_one() -> None:
    text = "## A\n\nOne.\n\nTwo.\n\nTwo.\n"
    first, again = convert(text), convert(text)
    assert first.blocks == again.blocks
    assert len({block["id"] for block in first.blocks}) == 4
    changed = convert(text.replace("One.", "One and more."))
    kept = {b["id"] for b in first.blocks} & {b["id"] for b in changed.blocks}
    assert len(kept) == 3


def test_notes_of_every_kind_are_kept() -> None:
    converted = convert("A[^1] b^[within] c[^none].\n\n[^1]: One.\n[^2]: Nobody refers to it.\n")
    labels = [note["value"]["label"] for note in value(converted, "footnotes")]
    assert set(labels) >= {"1", "2"}
    assert len(labels) == 3
    assert "[^none]" in converted.blocks[0]["value"]


def test_what_is_too_long_is_refused_with_the_limit() -> None:
    with pytest.raises(ValueError, match="5,000,000"):
        blocks_from_markdown("a" * (LONGEST + 1))


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 2000,
        "<b>" * 5000,
        "<ul>" + "<li>a" * 2000,
        "```{note}\n" * 1000,
        '<aside markdown="1">' * 1000,
        "{{ " * 5000,
    ],
)
def test_what_is_nested_beyond_reason_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested too deeply|within one another|pieces of a site generator"):
        blocks_from_markdown(text)


@pytest.mark.parametrize(
    "text",
    [
        ">" * 3000 + "x",
        "".join(" " * (2 * n) + "- a\n" for n in range(200)),
        "[" * 5000,
        "<table>" + "<tr><td rowspan=9999 colspan=9999>a</td></tr>" * 100 + "</table>",
        "<" * 5000,
        "|a" * 300 + "\n" + "|-" * 300 + "\n" + ("|b" * 300 + "\n") * 3,
    ],
)
def test_what_is_only_strange_is_read(text: str) -> None:
    BodyBlock().to_python(blocks_from_markdown(text).blocks)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab \n#*_[]()<>!|`:-^{}%\"'/=&;1.\u202e\x00é"), max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    converted = blocks_from_markdown(text, image=picture)
    BodyBlock().to_python(converted.blocks)


def test_clean_keeps_what_a_body_can_hold_and_nothing_else() -> None:
    dirty = '<p class="x">A <b>b</b><br><img src=x><a href="/x" target="_blank" rel="y">c</a></p><hr>'
    assert clean(dirty) == '<p>A <b>b</b><br/><a href="/x">c</a></p><hr/>'


def test_front_matter_says_the_line_of_what_is_wrong() -> None:
    assert frontmatter.read("---\ntitle: A\n---\nText") == ({"title": "A"}, "Text")
    assert frontmatter.read("Text\n---\n") == ({}, "Text\n---\n")
    assert frontmatter.read("\ufeff---\r\ntitle: A\r\n---\r\nText")[0] == {"title": "A"}
    assert frontmatter.read("---\n---\nText") == ({}, "Text")
    for text, line in (
        ("---\ntitle: A\n", 1),
        ("---\ntitle: A\nb: [1\n---\n", 3),
        ("---\n- a\n---\n", 2),
        ("---\nday: 2026-02-30\n---\n", 2),
    ):
        with pytest.raises(frontmatter.FrontMatterError) as error:
            frontmatter.read(text)
        assert error.value.line >= line
        assert "line" in str(error.value)


@pytest.mark.skipif(
    not CORPORA.is_dir(), reason="LEFT OUT: the public handbooks are not beside this project, see README"
)
@pytest.mark.parametrize("corpus", ["18f-guides", "turing-way", "opensource-guide"])
def test_public_handbooks_come_through_without_loss(corpus: str) -> None:
    files = sorted((CORPORA / corpus / "pages").rglob("*.md"))
    assert files
    for path in files[::7]:
        fields, text = frontmatter.read(path.read_text(encoding="utf-8"))
        converted = blocks_from_markdown(text, page=fields)
        assert converted.counts.agree, (path, converted.counts.differing())
