"""Transcripts cut at their time marks."""

from __future__ import annotations

import pytest

from events.transcript import TranscriptError, by_minute, passages

TEXT = """Recorded in May.

[00:00:20] **Tomas:** Welcome.

A second paragraph.

[03:10] **Miriam:** Why?
[00:03:14] No speaker here
over two lines.
[01:02:03] __Ada__: The end.
"""


def test_each_mark_begins_a_passage_with_its_speaker():
    found = passages(TEXT)
    assert [(p.mark, p.anchor, p.speaker) for p in found] == [
        ("", "t-start", ""),
        ("00:00:20", "t-00-00-20", "Tomas"),
        ("00:03:10", "t-00-03-10", "Miriam"),
        ("00:03:14", "t-00-03-14", ""),
        ("01:02:03", "t-01-02-03", "Ada"),
    ]
    assert found[1].paragraphs == ("Welcome.", "A second paragraph.")
    assert found[3].text == "No speaker here over two lines."
    assert found[4].duration == "PT1H2M3S"


def test_passages_of_one_minute_are_one_place():
    assert [[p.mark for p in group] for group in by_minute(passages(TEXT))] == [
        ["", "00:00:20"],
        ["00:03:10", "00:03:14"],
        ["01:02:03"],
    ]


def test_the_same_mark_twice_has_two_anchors():
    anchors = [p.anchor for p in passages("[00:01] A\n[00:01] B\n[00:01] C")]
    assert anchors == ["t-00-00-01", "t-00-00-01-2", "t-00-00-01-3"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[00:03:10] A\n[00:02:00] B", r"line 2: \[00:02:00\] comes after a later mark"),
        ("[00:00:75] A", r"line 1: \[00:00:75\] is no time"),
        ("[01:75:00] A", "is no time"),
    ],
)
def test_marks_that_cannot_be_followed_are_refused_with_their_line(text, words):
    with pytest.raises(TranscriptError, match=words):
        passages(text)


def test_long_recordings_may_count_minutes_beyond_an_hour():
    assert passages("[75:30] A")[0].mark == "01:15:30"


@pytest.mark.parametrize("text", ["", "   \n", "No marks at all"])
def test_a_text_without_marks_is_one_passage_or_none(text):
    assert len(passages(text)) == (1 if text.strip() else 0)
