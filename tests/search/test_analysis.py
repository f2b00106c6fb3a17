"""From text to words and stems, language by language."""

from __future__ import annotations

import pytest
import Stemmer
from hypothesis import given
from hypothesis import strategies as st

from search import analysis
from search.analysis import clean, fold, forms, is_stop_word, joined, joined_words, spans, term, words
from search.stopwords import STOP_WORDS


def test_every_stemmer_there_is_serves_a_language() -> None:
    older = {"porter", "dutch_porter"}
    assert set(analysis._ALGORITHMS.values()) == set(Stemmer.algorithms()) - older


def test_the_lists_of_stop_words_hold_words_as_the_index_sees_them() -> None:
    assert len(STOP_WORDS) > 45
    for language, listed in STOP_WORDS.items():
        odd = [word for word in listed if words(clean(word), language) != [word]]
        assert odd == [], language


@pytest.mark.parametrize(
    ("language", "forms_of_one"),
    [
        ("en", "supervision supervise supervised supervising"),
        ("en", "organisation organization organisations organized organising"),
        ("en", "deradicalisation deradicalization deradicalise"),
        ("en", "behaviour behaviors behavioural"),
        ("en", "centre centers centred"),
        ("en", "counselling counseling"),
        ("en", "programme programs"),
        ("en", "defence defense"),
        ("de", "Prävention Praevention"),
        ("de", "Maßnahme Massnahmen Maßnahmen"),
        ("de", "für fuer"),
        ("fr", "communautés communauté COMMUNAUTÉ"),
        ("es", "comunidades comunidad"),
        ("ar", "المدرسة مدرسة مَدْرَسة مـدرسة وبالمدرسة"),
        ("ar", "إدارة ادارة أدارة"),
        ("fa", "کتاب كتاب کتابها"),
        ("tr", "KADINLAR kadınlar"),
        ("tr", "İSTANBUL istanbul"),
        ("ru", "подъём подъем ПОДЪЁМ"),
        ("el", "Κοινότητες κοινότητα ΚΟΙΝΌΤΗΤΑ"),
        ("he", "שָׁלוֹם שלום"),
        ("hi", "समुदायों समुदाय"),
        ("id", "mengelola pengelola"),
        ("sr", "заједница zajednice"),
        ("en", "ＧｉｔＨｕｂ GitHub"),
        ("en", "oﬃce office"),
        ("en", "١٥٠٠ ۱۵۰۰ 1500"),
        ("en", "super\u00advision supervision"),
        ("no", "økonomi økonomien"),
    ],
)
def test_forms_and_spellings_of_a_word_are_one_term(language: str, forms_of_one: str) -> None:
    assert len({term(word, language) for word in words(clean(forms_of_one), language)}) == 1


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("vi", "chó", "cho"), ("ja", "が", "か"), ("th", "ก็", "ก"), ("ta", "கல்", "கால்"), ("en", "four", "for")],
)
def test_marks_that_make_another_letter_stay(language: str, one: str, other: str) -> None:
    assert term(one, language) != term(other, language)


@pytest.mark.parametrize(
    ("word", "plain"),
    [
        ("Straße", "strasse"),
        ("Øst", "ost"),
        ("Łódź", "lodz"),
        ("đoàn", "doan"),
        ("œuvre", "oeuvre"),
        ("مدرسة", "مدرسه"),
        ("ё", "е"),
        ("οδός", "οδοσ"),
        ("パン", "パン"),
    ],
)
def test_the_fold_of_a_word_has_plain_letters(word: str, plain: str) -> None:
    assert fold(word) == plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GitHub上の行動規範", ["github", "上", "の", "行動", "動規", "規範"]),
        ("オープンソース", ["オー", "ープ", "プン", "ンソ", "ソー", "ース"]),
        ("見つける", ["見", "つけ", "ける"]),
        ("오픈소스에 기여", ["오픈", "픈소", "소스", "스에", "기여"]),
        ("คำไทย", ["คำ", "ำไ", "ไท", "ทย"]),
        ("The 维护者 of it", ["the", "维护", "护者", "of", "it"]),
        ("l’extrémisme, co-worker", ["l", "extrémisme", "co", "worker"]),
        ("S1.3 and 1.3.4 in 2027.", ["s1.3", "and", "1.3.4", "in", "2027"]),
        ("متن‌باز", ["متن", "باز"]),
    ],
)
def test_text_is_cut_into_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60), language=st.sampled_from(["en", "tr", "zh"])
)
def test_words_and_spans_agree_and_spans_stand_where_they_say(text: str, language: str) -> None:
    text = clean(text)
    found = list(spans(text, language))
    assert [word for word, _, _ in found] == words(text, language)
    for word, start, end in found:
        assert 0 <= start < end <= len(text)
        assert words(text[start:end], language)[:1] == [word]
    assert [start for _, start, _ in found] == sorted(start for _, start, _ in found)


def test_words_written_in_parts_are_also_one() -> None:
    text = "A co-worker of Open-Source-Projekt read 1,500 pages, S 1.3, covid-19; not 2019-2024, state-of-the-art."
    found = [(each.word, text[each.start : each.end]) for each in joined(text)]
    assert found == [
        ("coworker", "co-worker"),
        ("opensourceprojekt", "Open-Source-Projekt"),
        ("1500", "1,500"),
        ("s1.3", "S 1.3"),
        ("covid19", "covid-19"),
    ]
    listed = words(text)
    assert [listed[at] for _, at in joined_words(text, listed)] == ["worker", "projekt", "500", "1.3", "19"]
    assert [each.word for each in joined("s 1.3", typed=True)] == ["s1.3"]
    assert joined("about s 1.3 million") == []


def test_a_stop_word_is_one_with_and_without_accents() -> None:
    assert is_stop_word("für", "de")
    assert is_stop_word("fur", "de")
    assert forms("où", "fr") == ("ou", "")
    assert is_stop_word("of", "pcm")


@pytest.mark.parametrize(
    ("code", "base"),
    [("pt-BR", "pt"), ("zh-TW", "zh-hant"), ("zh_Hans_CN", "zh-hans"), ("zh", "zh"), ("", "en")],
)
def test_a_language_is_known_without_its_region(code: str, base: str) -> None:
    assert analysis.base(code) == base
