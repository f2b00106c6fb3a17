"""What changed is marked word by word, in the markup of the newer text and with nothing but words of the older one."""

from __future__ import annotations

import re

import pytest

from guidebooks.reading.comparing import Comparison, matched
from guidebooks.reading.versions import Text
from guidebooks.reading.words import changed_words, gone


def shown(old: str, new: str, *, with_old: bool = True) -> str:
    """The marked text, without what only a screen reader says."""
    return re.sub(r'<span class="visually-hidden">[^<]*</span>', "", changed_words(old, new, with_old=with_old))


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("<p>Ask the mother.</p>", "<p>Ask the father.</p>", "<p>Ask the <del>mother</del> <ins>father</ins>.</p>"),
        ("<p>Ask.</p>", "<p>Ask the whole family.</p>", "<p>Ask <ins>the whole family</ins>.</p>"),
        ("<p>Ask the whole family.</p>", "<p>Ask.</p>", "<p>Ask <del>the whole family</del>.</p>"),
        ("<p>One two three</p>", "<p>One three</p>", "<p>One <del>two</del> three</p>"),
        ("<p>One</p>", "<p>Before One</p>", "<p><ins>Before</ins> One</p>"),
        ("<p>Fish &amp; chips</p>", "<p>Fish &lt; chips</p>", "<p>Fish <del>&amp;</del> <ins>&lt;</ins> chips</p>"),
        ("<p>Don't stop</p>", "<p>Do not stop</p>", "<p><del>Don't</del> <ins>Do not</ins> stop</p>"),
        ("<p>Same</p>", "<p><b>Same</b></p>", "<p><b>Same</b></p>"),
        ("<p>Old <a href='/secret/'>way</a></p>", "<p>New way</p>", "<p><del>Old</del> <ins>New</ins> way</p>"),
        ("<p>Der Wolf läuft.</p>", "<p>Der Wolf lief.</p>", "<p>Der Wolf <del>läuft</del> <ins>lief</ins>.</p>"),
        ("<p>اسأل الأمّ أولا</p>", "<p>اسأل الأبَ أولا</p>", "<p>اسأل <del>الأمّ</del> <ins>الأبَ</ins> أولا</p>"),
        ("", "<p>All new</p>", "<p><ins>All new</ins></p>"),
        ("<p>See it[^a1].</p>", "<p>See it.</p>", "<p>See it.</p>"),
        ("<p>See it.</p>", "<p>See it[^a1].</p>", "<p>See it<ins>[^a1]</ins>.</p>"),
    ],
)
def test_words_that_came_and_went_are_marked(old: str, new: str, marked: str) -> None:
    assert shown(old, new) == marked


def test_what_was_taken_out_never_stands_between_the_cells_or_items_of_a_list() -> None:
    html = shown("<ul><li>a b</li><li>c</li><li>d</li></ul>", "<ul><li>a</li><li>d</li></ul>")
    assert html == "<ul><li>a <del>b c</del></li><li>d</li></ul>"
    table = shown(
        "<table><tr><td>x</td><td>y</td></tr><tr><td>z</td></tr></table>",
        "<table><tr><td>x</td></tr><tr><td>z new</td></tr></table>",
    )
    assert re.sub(r"<(ins|del)>[^<]*</\1>\s?", "", table) == "<table><tr><td>x</td></tr><tr><td>z </td></tr></table>"
    assert re.fullmatch(r"(?:<t[^>]*>|</t[^>]*>|<td>[^<]*(?:<(?:ins|del)>[^<]*</(?:ins|del)>[^<]*)*</td>)*", table)


def test_markup_of_the_newer_text_stays_whole_when_what_is_new_crosses_it() -> None:
    html = shown("<p>a z</p>", "<p>a b <strong>c d</strong> e z</p>")
    assert html == "<p>a <ins>b</ins> <strong><ins>c d</ins></strong> <ins>e</ins> z</p>"


def test_a_screen_reader_is_told_what_came_and_went() -> None:
    html = changed_words("<p>Ask him.</p>", "<p>Ask her.</p>")
    plain = re.sub(r"<[^>]*>", "", html)
    assert plain == "Ask (deleted: him) (inserted: her)."


def test_old_words_are_left_out_where_they_may_not_be_shown() -> None:
    html = shown("<p>Ask Mrs Miller now.</p>", "<p>Ask the mother.</p>", with_old=False)
    assert html == "<p>Ask <ins>the mother</ins>.</p>"


def test_a_block_that_is_gone_is_words_in_paragraphs() -> None:
    html = gone('<ul><li>One <a href="/x/">way</a></li><li>Two</li></ul><img src="/images/secret">', "A picture.")
    assert html.endswith("<p>One way</p><p>Two</p></del>")
    assert "<a" not in html
    assert "secret" not in html
    assert "<p>A picture.</p>" in gone('<img src="/images/secret">', "A picture.")


# Blocks ---------------------------------------------------------------------------------------------


def block(name: str, words: str, kind: str = "paragraph") -> dict:
    return {"id": name, "type": kind, "value": f"<p>{words}</p>"}


def test_blocks_are_matched_by_their_names_first() -> None:
    old = [block("a", "One"), block("b", "Two"), block("c", "Three")]
    new = [block("c", "Three"), block("b", "Other words altogether"), block("a", "One")]
    assert matched(old, new) == [2, 1, 0]


def test_blocks_with_new_names_are_matched_by_the_same_words_and_then_by_words_much_alike() -> None:
    old = [block("a", "The same"), block("b", "Ask the mother what she saw that evening"), block("c", "Gone")]
    new = [block("x", "Ask the mother what she heard that evening"), block("y", "The same"), block("z", "Quite new")]
    assert matched(old, new) == [1, 0, None]


def test_a_comparison_counts_the_places() -> None:
    old = Text("Title", "Summary", [block("a", "One"), block("b", "Two"), block("c", "Three")])
    new = Text("Title", "New summary", [block("a", "One"), block("c", "Three, changed"), block("d", "Four of four")])
    comparison = Comparison.of(old, new)
    assert comparison.places() == 4
    assert comparison.places(with_old=False) == 3
    assert dict(comparison.gone) == {1: [1]}


def test_names_and_keys_of_the_editor_are_no_change() -> None:
    old = Text("T", "", [{"id": "a", "type": "paragraph", "value": '<p data-block-key="k1">One</p>'}])
    new = Text("T", "", [{"id": "b", "type": "paragraph", "value": '<p data-block-key="k2">One</p>'}])
    assert old.digest == new.digest
    assert Comparison.of(old, new).places() == 0
