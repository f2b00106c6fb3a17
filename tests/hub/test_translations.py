"""The words of the interface: all there in every language, with what stands in them, compiled as they are written."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.template.loader import get_template
from django.utils import translation
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt", ".xml"))
FORMS = {"de": 2, "fr": 2, "ar": 6}
LANGUAGES = sorted(FORMS)
FOR_ONE_NUMBER = {"de": (), "fr": (), "ar": (0, 1, 2)}
"""Plural forms for a single number: there a language may say "two chapters" in one word, without the number."""

CALL = re.compile(
    r"""(?<![\w.])(npgettext|ngettext|pgettext|gettext|_)\(((?:u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(?:,\s*)?)+)"""
)
STRING = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd%]|\{\w*\}|</?\w[^>]*>")

Key = tuple[str, str]


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(ROOT / f"locale/{language}/LC_MESSAGES/django.po"))


def compiled(language: str) -> polib.MOFile:
    return polib.mofile(str(ROOT / f"locale/{language}/LC_MESSAGES/django.mo"))


def key(entry: polib.POEntry | polib.MOEntry) -> Key:
    return entry.msgctxt or "", entry.msgid


def said(entry: polib.POEntry | polib.MOEntry) -> list[str]:
    """The translation, or all its plural forms."""
    return [entry.msgstr_plural[form] for form in sorted(entry.msgstr_plural)] or [entry.msgstr]


def words(entries: Iterable[polib.POEntry | polib.MOEntry]) -> dict[Key, list[str]]:
    return {key(entry): said(entry) for entry in entries}


def words_of_templates() -> dict[Key, str]:
    """Every text the templates translate, with the template it stands in."""
    found = {}
    for path in TEMPLATES:
        for function, arguments in CALL.findall(templatize(path.read_text())):
            texts = [ast.literal_eval(text) for text in STRING.findall(arguments)]
            context = texts.pop(0) if function in ("pgettext", "npgettext") else ""
            found[context, texts[0]] = str(path.relative_to(ROOT))
    return found


def test_texts_of_every_kind_are_found_in_templates():
    found = words_of_templates()
    assert ("", "Sign in") in found  # a tag
    assert ("", "My account") in found  # an argument of a filter
    assert ("", "%(number)s chapter") in found  # a block with a plural
    assert ("a set of clauses", "Standard %(number)s") in found  # a block with a context
    assert ("a book or group", "in") in found  # a tag with a context


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_words_of_the_pages_are_translated(language):
    translated = words(catalogue(language).translated_entries())
    missing = {text: path for text, path in words_of_templates().items() if not all(translated.get(text, [""]))}
    assert missing == {}, "make messages, then translate these"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_was_collected_waits_for_a_translation(language):
    entries = catalogue(language)
    waiting = [*entries.untranslated_entries(), *entries.fuzzy_entries()]
    assert [entry.msgid for entry in waiting] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    written, read = catalogue(language), compiled(language)
    assert words(read) == words(written.translated_entries()), "make messages compiles them"
    head = {name: value for name, value in written.metadata.items() if name != "POT-Creation-Date"}  # msgfmt drops it
    assert read.metadata == head


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_stands_in_every_translation(language):
    wrong = []
    for entry in catalogue(language).translated_entries():
        needed = Counter(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for form, text in enumerate(said(entry)):
            placeholders = Counter(PLACEHOLDER.findall(text))
            may_say_it_in_words = entry.msgid_plural and form in FOR_ONE_NUMBER[language]
            if not (placeholders <= needed if may_say_it_in_words else placeholders == needed):
                wrong.append((entry.msgid, text))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_count_has_all_the_forms_of_the_language(language):
    entries = catalogue(language)
    assert f"nplurals={FORMS[language]};" in entries.metadata["Plural-Forms"]
    counted = [entry for entry in entries.translated_entries() if entry.msgid_plural]
    assert counted
    short = [entry.msgid for entry in counted if len(said(entry)) != FORMS[language] or not all(said(entry))]
    assert short == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_begins_and_ends_with_a_space_where_the_text_does(language):
    def edges(text: str) -> tuple[str, str]:
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    entries = catalogue(language).translated_entries()
    assert [entry.msgid for entry in entries if any(edges(text) != edges(entry.msgid) for text in said(entry))] == []


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_readers_are_told_that_a_translation_is_still_to_be_checked(language):
    note = "Our own translation, still to be checked by a practitioner."
    with translation.override(language):
        html = get_template("base.html").render({})
        assert (translation.gettext(note) in html) == (language != "en")
        assert (translation.gettext(note) == note) == (language == "en")
