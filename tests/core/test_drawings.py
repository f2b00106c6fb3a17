"""Drawings that an import brings hold nothing but what draws."""

from __future__ import annotations

import pytest

from core.drawings import clean_drawing

HEAD = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">'


def test_what_draws_stays() -> None:
    drawing = (
        HEAD + b'<style>.a{fill:#0a5a66}</style><defs><g id="g"><path d="M0 0L9 9"/></g></defs>'
        b'<use xlink:href="#g" class="a"/><text x="1" y="2">Words</text>'
        b'<rect fill="url(#g)" width="3" height="3"/></svg>'
    )
    clean = clean_drawing(drawing).decode()
    for part in ("M0 0L9 9", ".a{fill:#0a5a66}", 'href="#g"', "Words", 'fill="url(#g)"', 'viewBox="0 0 10 10"'):
        assert part in clean


@pytest.mark.parametrize(
    "inside",
    [
        b"<script>alert(1)</script>",
        b"<style>@import url(https://x.example/a.css)</style>",
        b"<style>a{background:url(https://x.example/a.png)}</style>",
        b"<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><iframe src='https://x.example'/></body></foreignObject>",
        b"<image href='https://x.example/a.png'/>",
        b"<a href='javascript:alert(1)'><path d='M0 0'/></a>",
        b"<use xlink:href='https://x.example/a.svg#x'/>",
        b"<use href='data:image/svg+xml,x'/>",
        b"<path d='M0 0' onclick='alert(1)' ONLOAD='alert(1)'/>",
        b"<path style='fill:url(https://x.example)'/>",
        b"<set attributeName='href' to='javascript:alert(1)'/>",
        b"<animate attributeName='x' from='https://x.example'/>",
        b"<x:script xmlns:x='http://www.w3.org/2000/svg'>alert(1)</x:script>",
        b"<metadata>Name of a person</metadata>",
        b"<!-- by a person -->",
    ],
)
def test_what_could_run_fetch_or_tell_goes(inside: bytes) -> None:
    clean = clean_drawing(HEAD + b"<circle r='1'/>" + inside + b"</svg>").decode().lower()
    for word in ("alert", "example", "javascript", "script", "person", "@import", "foreign"):
        assert word not in clean
    assert "circle" in clean


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not xml", "no drawing"),
        (b"<html/>", "no SVG"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "how large"),
        (b"x" * 1_000_001, "at most 1,000,000"),
        (HEAD + b"<g/>" * 20_001 + b"</svg>", "20,000"),
        (b'<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + HEAD + b"&b;</svg>", "no drawing"),
        (b'<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + HEAD + b"&a;</svg>", "no drawing"),
    ],
)
def test_what_is_no_plain_drawing_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        clean_drawing(data)
