"""Each language is found: by its own titles, in phrases, and beside other languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import languages
from benchmarks.languages import ENOUGH, Article, articles, is_first, put
from search import library
from search.analysis import base
from search.store import Store
from tests.search.shelf.models import Note

PUBLIC = frozenset({"public"})
OWN = [
    Article("conduct", "en", "Your code of conduct", "A code of conduct says how people behave. Behaviour matters."),
    Article("conduct", "de", "Ihr Verhaltenskodex", "Ein Verhaltenskodex sagt, wie man sich verhält."),
    Article("conduct", "fr", "Votre code de conduite", "Un code de conduite dit comment se comporter."),
    Article("conduct", "ar", "مُدوّنة السلوك الخاصة بمشروعك", "مدونة السلوك تقول كيف يتصرف الناس."),
    Article("conduct", "ru", "Ваш кодекс поведения", "Кодекс поведения говорит, как себя вести."),
    Article("conduct", "ja", "行動規範", "行動規範は、参加者に期待する振る舞いをまとめたドキュメントです。"),
    Article("conduct", "ko", "귀하의 행동강령", "행동강령은 참가자의 행동에 대한 문서입니다."),
    Article("conduct", "zh-hans", "行为准则", "行为准则说明人们应该如何行事。"),
    Article("conduct", "zh-hant", "建立一套行為準則", "行為準則說明人們應該如何行事。"),
    Article("conduct", "tr", "Davranış kurallarınız", "Davranış kuralları insanların nasıl davranacağını söyler."),
    Article("conduct", "vi", "Bộ quy tắc ứng xử", "Bộ quy tắc nói mọi người nên cư xử thế nào."),
    Article("conduct", "th", "จรรยาบรรณของคุณ", "จรรยาบรรณบอกว่าผู้คนควรปฏิบัติตัวอย่างไร"),
    Article("users", "en", "Finding users for your project", "How people find a project."),
    Article("users", "de", "Finden Sie Nutzer*innen für Ihr Projekt", "Wie Menschen ein Projekt finden."),
    Article("users", "fr", "Trouver des utilisateurs pour votre projet", "Comment on trouve un projet."),
    Article("users", "ar", "العثور على مستخدمين لمشروعك", "كيف يجد الناس المشروع."),
    Article("users", "ru", "Поиск пользователей для вашего проекта", "Как люди находят проект."),
    Article("users", "ja", "あなたのプロジェクトのユーザーを見つけよう", "プロジェクトの宣伝を始める前に。"),
    Article("users", "ko", "프로젝트에 기여할 사람 찾기", "사람들이 프로젝트를 찾는 방법입니다."),
    Article("users", "zh-hans", "为项目寻找合适的用户", "人们如何找到项目。"),
    Article("users", "zh-hant", "找尋專案的使用者", "人們如何找到專案。"),
    Article("users", "tr", "Projeniz için kullanıcı bulma", "İnsanlar bir projeyi nasıl bulur."),
    Article("users", "vi", "Tìm người dùng cho dự án của bạn", "Mọi người tìm dự án thế nào."),
    Article("users", "th", "การหาผู้ใช้สำหรับโครงการของคุณ", "ผู้คนพบโครงการได้อย่างไร"),
]


def share_first(shelf: list[Article]) -> dict[str, float]:
    """Give the share of titles that are first, by language."""
    first: dict[str, list[bool]] = {}
    for article in shelf:
        first.setdefault(article.language, []).append(is_first(article, article.title))
    return {language: sum(each) / len(each) for language, each in first.items()}


def test_titles_of_a_small_shelf_are_first_in_each_language(store: Store) -> None:
    put(store, OWN)
    assert share_first(OWN) == dict.fromkeys({article.language for article in OWN}, 1.0)


def test_titles_of_articles_in_29_languages_are_first(store: Store) -> None:
    if not (languages.FOLDER / "pages.jsonl").exists():
        pytest.skip(f"the articles in 29 languages are missing: {languages.FOLDER / 'pages.jsonl'}")
    shelf = articles(languages.FOLDER)
    put(store, shelf)
    shares = share_first(shelf)
    assert len(shares) == 29
    assert {language: share for language, share in shares.items() if share < ENOUGH} == {}


def test_the_measurement_counts_what_is_first(store: Store) -> None:
    wrong = Article("wrong", "en", "A title that nobody can find", "")
    found = languages.measure(store, [*OWN, wrong])
    assert {row.language: row.articles for row in found}["en"] == 3
    assert all(row.title == row.articles for row in found)
    put(store, OWN)
    assert not is_first(wrong, wrong.title)
    assert "| ja | – |" in languages.table(found)
    with pytest.raises(SystemExit, match="there is no"):
        languages.main([str(Path(__file__).parent)])


# Scripts without spaces


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("行動", ["A"]),
        ("行", ["A", "C"]),
        ("動規", ["A"]),
        ('"行動規範"', ["A"]),
        ('"規範行動"', []),
        ("GitHub", ["B"]),
        ("GitHub上", ["B"]),
        ("ＧｉｔＨｕｂ", ["B"]),
        ("ｵｰﾌﾟﾝ", ["B"]),
        ("title:行動", ["A"]),
        ("행동강령", ["D"]),
        ("행동", ["D"]),
        ("-行動 行", ["C"]),
    ],
)
def test_words_in_scripts_without_spaces_are_found(shelve: Callable[..., Note], query: str, found: list[str]) -> None:
    shelve("A 行動規範", "行動規範は大切です。", language="ja")
    shelve("B", "In English about GitHub上のオープンソース.", language="en")
    shelve("C", "行为准则", language="zh-hans")
    shelve("D", "행동강령은 중요합니다.", language="ko")
    assert sorted(hit.title[0] for hit in library.find(query, keys=PUBLIC).hits) == found


def test_a_run_of_letters_is_marked_once(shelve: Callable[..., Note]) -> None:
    shelve("A", "なぜ行動規範が必要なのか。行動と規範。", language="ja")
    snippet = library.find("行動規範", keys=PUBLIC, languages=["ja"]).hits[0].snippet
    assert snippet == "なぜ<mark>行動規範</mark>が必要なのか。<mark>行動</mark>と<mark>規範</mark>。"


def test_a_missing_run_is_named_whole(shelve: Callable[..., Note]) -> None:
    shelve("A", "行動", language="ja")
    assert library.find("治療法律 行動", keys=PUBLIC).missing == ("治療法律",)
    assert library.find("行動規範", keys=PUBLIC).missing == ()


def test_completions_are_titles_and_no_pairs_of_letters(shelve: Callable[..., Note]) -> None:
    shelve("行動規範", language="ja")
    assert library.suggest("行", keys=PUBLIC) == ["行動規範"]
    assert library.suggest("行動規", keys=PUBLIC) == ["行動規範"]


# Accents and letters


@pytest.mark.parametrize(
    ("language", "text", "queries"),
    [
        ("de", "Maßnahmen der Prävention", ["Massnahme", "praevention", "pravention", '"massnahmen der praevention"']),
        ("fr", "Les écoles préventives d’été", ["ecole", "ete", '"ecoles preventives"', '"écoles préventives"']),
        ("ar", "إدارة المَدْرَسَة الثانويّة", ["ادارة", "مدرسه", "المدرسة", '"اداره المدرسه"']),
        ("ar", "في عام ٢٠٢٧", ["2027", "٢٠٢٧", "۲۰۲۷"]),
        ("fa", "پروژه‌هایی برای کتاب‌ها", ["پروژه", "كتاب", "کتابها", "پروژه ها"]),
        ("tr", "ILIMLI KADINLAR İÇİN ışık", ["ılımlı", "kadınlar", "isik", "IŞIK"]),
        ("vi", "Chủ nghĩa cực đoan", ["cực đoan", "cuc doan", '"chủ nghĩa"']),
        ("ru", "Подъём ёлки", ["подъем", "елки", '"подъем елки"']),
        ("el", "Κοινότητες και ΟΔΟΊ", ["κοινοτητες", "οδοι", '"κοινότητες και οδοί"']),
        ("he", "שָׁלוֹם עליכם", ["שלום", '"שלום עליכם"']),
        ("pl", "Społeczność Łodzi", ["spolecznosc", "lodzi", '"społeczność Łodzi"']),
        ("hi", "समुदायों का निर्माण", ["समुदाय", '"समुदायों का निर्माण"']),
        ("bn", "আচরণ বিধি", ["আচরণ", '"আচরণ বিধি"']),
    ],
)
def test_words_are_found_however_their_marks_are_written(
    shelve: Callable[..., Note], language: str, text: str, queries: list[str]
) -> None:
    shelve("Other", "Something else.", language="en")
    shelve("It", text, language=language)
    for query in queries:
        for reader in ([language], ["en"]):
            answer = library.find(query, keys=PUBLIC, languages=reader)
            assert ([hit.title for hit in answer.hits], answer.corrected) == (["It"], ""), (query, reader)


def test_a_word_with_its_own_marks_comes_before_one_without(shelve: Callable[..., Note]) -> None:
    shelve("Dog", "con chó", language="vi")
    shelve("Market", "con chợ", language="vi")
    assert [hit.title for hit in library.find("chợ", keys=PUBLIC).hits] == ["Market", "Dog"]


@pytest.mark.parametrize("reader", ["en", "de", "ja"])
def test_a_phrase_is_found_whatever_the_readers_language(shelve: Callable[..., Note], reader: str) -> None:
    shelve("A", "Das Recht auf Leben und Würde.", language="de")
    shelve("B", "The law of attrition, in English, inside a German text.", language="de")
    shelve("C", "Le droit à la vie.", language="fr")
    for phrase, found in (("Recht auf Leben", "A"), ("law of attrition", "B"), ("droit a la vie", "C")):
        answer = library.find(f'"{phrase}"', keys=PUBLIC, languages=[reader])
        assert [hit.title for hit in answer.hits] == [found]


def test_a_stop_word_of_another_language_alone_is_looked_for(shelve: Callable[..., Note]) -> None:
    shelve("A", "Young men in prison.", language="en")
    shelve("B", "Men det är inte allt.", language="sv")
    assert library.find("young men", keys=PUBLIC, languages=["en"]).words == ("young", "men")


def test_kinds_of_chinese_are_languages_of_their_own(shelve: Callable[..., Note]) -> None:
    shelve("简体", "行为", language="zh-hans", item="a")
    shelve("繁體", "行為", language="zh-Hant", item="a")
    answer = library.find("", keys=PUBLIC, languages=["zh-TW"], facets=["language"])
    assert (answer.hits[0].title, answer.facets["language"]) == ("繁體", {"zh-hans": 1, "zh-hant": 1})
    assert base("zh-CN") == "zh-hans"
