"""What did not change keeps its id, whatever else happens to a text."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.markdown import blocks_from_markdown
from guidebooks.identity import identified, keyed, print_of, relinked, renamed, same, words


def blocks(text: str) -> list[dict[str, Any]]:
    return identified(blocks_from_markdown(text).blocks)


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [block["id"] for block in found]


BOOK = """# Book

First paragraph, on how to begin a conversation.

## Ask first

Second paragraph, on what to ask a mother who calls at night.

- one thing
- another thing

Third paragraph, on what to leave out.
"""


def test_one_changed_paragraph_is_the_only_block_that_differs():
    before = blocks(BOOK)
    after = identified(blocks(BOOK.replace("at night", "in the morning")), before)
    assert ids(after) == ids(before)
    differing = [now["id"] for was, now in zip(before, after, strict=True) if not same(was, now)]
    assert len(differing) == 1
    assert "in the morning" in next(block["value"] for block in after if block["id"] == differing[0])


def test_what_moved_keeps_its_id():
    before = blocks(BOOK)
    moved = [*before[3:], *before[:3]]
    after = identified([{**block, "id": f"new-{n}"} for n, block in enumerate(moved)], before)
    assert ids(after) == ids(moved)


def test_what_is_new_gets_an_id_that_nothing_had():
    before = blocks("The same words.\n\nOther words that stand here.")
    # The first paragraph says something else by now, and somebody writes its old words again.
    before[0] = {**before[0], "value": "<p>Entirely different, long, and about cooking for many.</p>"}
    after = identified(blocks("The same words.\n\nOther words that stand here."), before)
    assert after[1]["id"] == before[1]["id"]
    assert after[0]["id"] not in ids(before)


def test_a_heading_with_new_words_keeps_the_name_others_link_to():
    before = blocks("## Ask before you act\n\nText.")
    came = blocks_from_markdown(
        "## Ask before you do anything\n\nText with a [link](#ask-before-you-do-anything)."
    ).blocks
    after = identified(came, before)
    assert after[0]["value"]["anchor"] == "ask-before-you-act"
    names = renamed(came, after)
    assert 'href="#ask-before-you-act"' in relinked(after, {7: names}, 7)[1]["value"]


def test_items_of_lists_and_notes_keep_their_ids():
    text = "- [ ] Call\n- [ ] Write\n\nText.[^a]\n\n[^a]: The note.\n"
    before = blocks(text)
    after = identified(blocks(text.replace("Write", "Write it down").replace("The note", "The longer note")), before)
    assert ids(after) == ids(before)
    for was, now in zip(before, after, strict=True):
        if was["type"] == "checklist":
            assert ids(now["value"]["items"]) == ids(was["value"]["items"])
        if was["type"] == "footnotes":
            assert ids(now["value"]) == ids(was["value"])


def test_paragraphs_of_rich_text_have_keys_and_keep_them():
    first = keyed("<p>One</p><ul><li>Two</li><li>Three</li></ul>")
    assert first.count("data-block-key") == 3
    assert keyed("<p>One</p><ul><li>Two</li><li>Three</li></ul>") == first
    more = keyed("<p>One</p><ul><li>Two</li><li>In between</li><li>Three</li></ul>", first)
    keys = [piece.split('"')[1] for piece in first.split("data-block-key=")[1:]]
    assert all(more.count(key) == 1 for key in keys)
    assert more.count("data-block-key") == 4


def test_what_the_editor_writes_differently_is_the_same():
    assert same("<p>A &quot;b&quot; &amp; c<br/>d</p>", '<p data-block-key="k1a2b">A "b" &amp; c<br>d</p>')
    assert same('<a linktype="page" id="3">x</a>', '<a id="3" linktype="page">x</a>')
    assert not same('<a linktype="page" id="3">x</a>', '<a linktype="page" id="4">x</a>')
    assert same({"image": 3, "credit": ""}, {"image": 3, "credit": None, "decorative": False})


def test_a_block_of_another_kind_is_another_block():
    before = blocks("The same words here.")
    after = identified(
        [{"type": "quote", "value": {"text": "<p>The same words here.</p>", "who": ""}, "id": "q"}], before
    )
    assert after[0]["id"] == "q"


PARAGRAPHS = st.lists(
    st.text(alphabet="abcdefg ", min_size=12, max_size=60).filter(str.strip), min_size=1, max_size=14, unique=True
)


@st.composite
def edited(draw: Any) -> tuple[list[str], list[str]]:
    """A text and the same one after some edits: words changed, paragraphs taken out, put in and moved."""
    before = draw(PARAGRAPHS)
    after = copy.copy(before)
    for _edit in range(draw(st.integers(0, 6))):
        deed = draw(st.sampled_from(["change", "drop", "add", "move"]))
        place = draw(st.integers(0, max(len(after) - 1, 0)))
        if deed == "add":
            after.insert(place, draw(st.text(alphabet="tuvwxyz ", min_size=12, max_size=60).filter(str.strip)))
        elif after and deed == "drop":
            del after[place]
        elif after and deed == "change":
            after[place] = f"{after[place]} and {draw(st.text(alphabet='hijk', min_size=1, max_size=8))}"
        elif after:
            after.insert(draw(st.integers(0, len(after) - 1)), after.pop(place))
    return before, after


def as_blocks(texts: list[str], sign: str) -> list[dict[str, Any]]:
    return [{"type": "paragraph", "value": f"<p>{text}</p>", "id": f"{sign}{n}"} for n, text in enumerate(texts)]


@given(edited())
def test_random_edits_keep_the_ids_of_what_did_not_change(versions: tuple[list[str], list[str]]):
    old, new = as_blocks(versions[0], "old"), as_blocks(versions[1], "new")
    after = identified(new, old)
    assert len(set(ids(after))) == len(after)
    assert [words(block["value"]) for block in after] == [words(block["value"]) for block in new]
    was = {}
    for block in old:
        was.setdefault(print_of(block), set()).add(block["id"])
    now: dict[str, set[str]] = {}
    for block in after:
        now.setdefault(print_of(block), set()).add(block["id"])
    for said, had in was.items():
        kept = now.get(said, set()) & had
        assert len(kept) == min(len(had), len(now.get(said, set())))
