"""RIS and BibTeX brought in: what is broken is told with its line, what is here already is not made again."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from resources import bibtex, ris
from resources.importing import import_rows
from resources.models import Import, ResourcePage
from resources.references import of_ris
from resources.rows import UnreadableFile, read
from resources.twice import plain_address, skeleton

Make = Callable[..., Any]
pytestmark = pytest.mark.django_db

RIS = """\
TY  - JOUR
AU  - Okoro, Miriam
AU  - Weber, A.
TI  - Leaving behind: what people say who left
T2  - Journal of Examples
VL  - 12
IS  - 3
SP  - 45
EP  - 67
PY  - 2021
DO  - https://doi.org/10.1000/Example.182
UR  - https://journal.example/article/182?utm_source=list
KW  - leaving
KW  - identity
LA  - eng
AB  - We asked forty people.
ER  -

TY  - RPRT
TI  - A report without an author
PY  - 2019/05/06
PB  - Some Institute
ER  -
"""
BIB = r"""
@comment{nothing to read here}
@string{je = "Journal of Examples"}
Words between entries are a comment.
@article{okoro2021,
  author  = {Okoro, Miriam and {Barnes and Sons} and M{\"u}ller, J{\o}rgen},
  title   = {{Leaving} behind: {\'E}tude of \& what people say},
  journal = je # { (online)},
  volume  = 12, number = {3}, pages = {45--67},
  year    = 2021,
  doi     = {10.1000/example.182},
  url     = {https://journal.example/a_b%20c},
  keywords = {leaving; identity},
  abstract = "We asked ``forty'' people.",
}
@BOOK(weber, title = "A book", author = {Weber, A.}, publisher = {Some House}, year = {2018}, language = {german})
"""


def file(folder: Path, name: str, text: str | bytes) -> Path:
    """A file of this text."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def bring(path: Path, **how: Any) -> Any:
    """Import a file."""
    return import_rows(read(path).rows(), user=None, name=path.name, **how)


# Reading --------------------------------------------------------------------------------------------


def test_a_ris_file_becomes_resources_for_members(library: Any, tmp_path: Path) -> None:
    report = bring(file(tmp_path, "a.ris", RIS.replace("\n", "\r\n")))
    assert (report.made, report.errors) == (2, [])
    page = ResourcePage.objects.get(title__startswith="Leaving")
    assert page.authors == "Okoro, Miriam; Weber, A."
    assert page.published_in == "Journal of Examples 12 (3) 45–67"
    assert (page.doi, page.source_url) == ("10.1000/Example.182", "https://journal.example/article/182?utm_source=list")
    assert (page.resource_kind, page.audience, page.language) == ("research", "members", "en")
    assert (page.published_on.year, page.summary) == (2021, "We asked forty people.")
    assert sorted(page.keywords.names()) == ["identity", "leaving"]
    other = ResourcePage.objects.get(title="A report without an author")
    assert (other.published_in, str(other.published_on.date())) == ("Some Institute", "2019-05-06")


def test_a_bibtex_file_becomes_resources(library: Any, tmp_path: Path) -> None:
    report = bring(file(tmp_path, "a.bib", BIB))
    assert (report.made, report.errors) == (2, [])
    page = ResourcePage.objects.get(title__startswith="Leaving")
    assert page.title == "Leaving behind: Étude of & what people say"
    assert page.authors == "Okoro, Miriam; Barnes and Sons; Müller, Jørgen"
    assert page.published_in == "Journal of Examples (online) 12 (3) 45–67"
    assert page.source_url == "https://journal.example/a_b%20c"
    assert page.summary == "We asked “forty” people."
    book = ResourcePage.objects.get(title="A book")
    assert (book.published_in, book.language) == ("Some House", "de")


def test_a_long_abstract_becomes_the_text_and_its_first_sentences_the_summary(library: Any, tmp_path: Path) -> None:
    abstract = "A *first* <sentence>. " + "And more of it. " * 60
    bring(file(tmp_path, "a.ris", f"TY  - JOUR\nTI  - Long\nAB  - {abstract}\nER  - \n"))
    page = ResourcePage.objects.get(title="Long")
    assert 400 < len(page.summary) <= 500
    assert page.summary.startswith("A *first* <sentence>. And")
    assert "A *first* &lt;sentence&gt;" in str(page.body)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "a.ris",
            "TY  - JOUR\nTI  - One\nTY  - JOUR\nTI  - Two\nER  - \n",
            "record 1 (line 1): does not end before line 3",
        ),
        ("a.ris", f"{RIS}TY  - JOUR\nTI  - Last\n", "record 3 (line 24): does not end"),
        ("a.ris", f"stray\nmore\n{RIS}", "record 1 (line 1): “stray” belongs to no record"),
        ("a.ris", f"{RIS}ER  - \n", "record 3 (line 24): “ER  - ” ends a record that did not begin"),
        ("a.ris", f"{RIS}TY  - JOUR\nAU  - Nobody\nER  - \n", "record 3 (line 24): title: is missing"),
        ("a.ris", f"{RIS}TY  - JOUR\nTI  - X\nPY  - soon\nER  - \n", "expected a time"),
        ("a.ris", f"{RIS}TY  - JOUR\nTI  - X\nDO  - not-one\nER  - \n", "“not-one” is no DOI"),
        (
            "a.bib",
            "@article{a, title = {One {brace}, year = 2020}\n\n@misc{b, title={Good}}\n",
            "entry 1 (line 1): “title”: after its value",
        ),
        ("a.bib", "@misc{b, title={Good}}\n@article{a, title {x}}\n", "entry 2 (line 2): “title”: “=” is expected"),
        ("a.bib", "@misc{b, title={Good}}\n@article{a, title = nosuch}\n", "“nosuch” is no abbreviation"),
        ("a.bib", '@misc{b, title={Good}}\n@article{a, title = "x}\n', "entry 2 (line 2)"),
        ("a.bib", "@misc{b, title={Good}}\n\n@article{a\n", "entry 2 (line 3): after its key a comma"),
        ("a.bib", "@misc{b, title={Good}}\n@article{a, author = {Nobody}}\n", "entry 2 (line 2): title: is missing"),
    ],
)
def test_what_is_broken_is_told_with_its_line_and_the_rest_comes_in(
    library: Any, tmp_path: Path, name: str, text: str, told: str
) -> None:
    report = bring(file(tmp_path, name, text))
    assert any(told in str(error) for error in report.errors), [str(error) for error in report.errors]
    assert len(report.errors) == 1
    assert report.made >= 1


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.ris", "", "is empty"),
        ("a.ris", "\n\n", "holds no reference"),
        ("a.ris", "Dear all,\nplease find it here.\n", "is no RIS that can be read"),
        ("a.bib", "nothing", "holds no reference"),
        ("a.bib", "@article{a, title = {never ends", "is no BibTeX that can be read: entry 1 (line 1)"),
        ("a.bib", b"\xff\xfe@\x00", "UTF-16"),
        ("a.ris", b"TY  - JOUR\nTI  - M\xfcller\nER  - \n", "is not UTF-8"),
        ("a.bib", "@article{a, title = " + "{" * 5000 + "}" * 5000 + "}", "more than 50 deep"),
    ],
)
def test_a_file_that_cannot_be_read_imports_nothing(
    library: Any, tmp_path: Path, name: str, text: str | bytes, told: str
) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(file(tmp_path, name, text))
    assert told in str(refused.value)
    assert not ResourcePage.objects.exists()


def test_a_line_of_an_abstract_that_looks_like_a_tag_stays_in_it() -> None:
    text = "TY  - JOUR\nAB  - We tried\nAI - assisted screening\nUK - wide.\nTI - With one space\nX1  - Own\nER -\n"
    (record,) = ris.records(text.splitlines(keepends=True))
    assert not record.problem
    assert record.fields == {
        "TY": ["JOUR"],
        "AB": ["We tried AI - assisted screening UK - wide."],
        "TI": ["With one space"],
        "X1": ["Own"],
    }


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("@article{S0140-6736(20)30183-5, title = {One}}\n@misc{b, title = {Two}}", ["One", "Two"]),
        ("@article(S0140-6736(20)30183-5, title = {One})\n@misc(b) @misc(c, title = {Two})", ["One", "", "Two"]),
        ("@article{a) , title = {One}}", ["One"]),
    ],
)
def test_a_key_may_have_parentheses(text: str, titles: list[str]) -> None:
    found = list(bibtex.entries(text))
    assert [entry.problem for entry in found] == [""] * len(titles)
    assert [entry.text("title") for entry in found] == titles


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("de_AT", "de"),
        ("FR", "fr"),
        ("German", "de"),
        ("français", "fr"),
        ("ara", "ar"),
        ("Armenian", ""),
        ("Frisian", ""),
        ("denmark", ""),
        ("", ""),
    ],
)
def test_a_language_is_never_guessed_by_its_first_letters(language: str, code: str) -> None:
    record = ris.Record(1, {"TY": ["JOUR"], "TI": ["One"], "LA": [language]})
    assert of_ris(record).get("language", "") == code


@pytest.mark.parametrize(
    ("latex", "words"),
    [
        (r"{\"U}ber \ss \"{u} {\'e}", "Über ßü é"),
        (r"\c{c}a \v{S} \~n \^{\i} {\aa}", "ça Š ñ î å"),
        (r"50\,\% \& \$5 \#1 a\_b \{x\}", "50 % & $5 #1 a_b {x}"),
        (r"\emph{very} \textbf{much} pages 1--2 --- yes", "very much pages 1–2 — yes"),
        (r"C\# and \unknown stays", r"C# and \unknown stays"),
        ("two\n   lines~here", "two lines here"),
    ],
)
def test_latex_is_read_as_letters(latex: str, words: str) -> None:
    assert bibtex.plain(latex) == words


def test_hostile_files_end_soon() -> None:
    for text in ("@a{" * 20_000, "@a{b," + "c={}," * 50_000 + "}", "{" * 100_000, '@a{b,c="' + "{" * 100_000):
        list(bibtex.entries(text))
    lines = ["TY  - JOUR\n", *["AU  - x\n"] * 100_000]
    assert "2,000" in next(iter(ris.records(lines))).problem


# The same again -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "text"), [("a.ris", RIS), ("a.bib", BIB)])
def test_the_same_file_twice_makes_nothing_new_and_can_be_taken_back(
    library: Any, tmp_path: Path, name: str, text: str
) -> None:
    path, out = file(tmp_path, name, text), io.StringIO()
    call_command("import_resources", str(path), "--dry-run", stdout=out, stderr=io.StringIO())
    assert "2 would be new" in out.getvalue()
    assert not ResourcePage.objects.exists()
    call_command("import_resources", str(path), stdout=out, stderr=io.StringIO())
    call_command("import_resources", str(path), stdout=out, stderr=io.StringIO())
    assert "0 new, 2 here already, 0 with errors" in out.getvalue()
    call_command("import_resources", "--undo", str(Import.objects.get().pk), stdout=out, stderr=io.StringIO())
    assert "2 pages removed, 0 kept" in out.getvalue()
    assert not ResourcePage.objects.exists()


@pytest.mark.parametrize(
    "record",
    [
        "TI  - Another title\nDO  - doi:10.1000/EXAMPLE.182",
        "TI  - Another title\nUR  - http://www.journal.example/article/182/",
        "TI  - The leaving behind: What people say, who left!",
        "TI  - Leaving behind: what poeple say who left".replace("poeple", "peopl"),
    ],
)
def test_the_same_work_in_other_words_is_here_already(library: Any, tmp_path: Path, record: str) -> None:
    bring(file(tmp_path, "a.ris", RIS))
    report = bring(file(tmp_path, "b.ris", f"TY  - JOUR\n{record}\nER  - \n"))
    assert (report.made, report.already) == (0, 1)
    assert "record 1 (line 1): is here already" in report.remarks[0]


@pytest.mark.parametrize(
    "record",
    [
        "TI  - Leaving behind: what people say who stayed",
        "TI  - Leaving behind: what people say who left 2",
        "TI  - Leaving behind: what people say who left\nDO  - 10.1000/other",
        "TI  - Leaving",
    ],
)
def test_another_work_is_new(library: Any, tmp_path: Path, record: str) -> None:
    bring(file(tmp_path, "a.ris", RIS))
    assert bring(file(tmp_path, "b.ris", f"TY  - JOUR\n{record}\nER  - \n")).made == 1


def test_one_doi_twice_in_a_file_makes_one(library: Any, tmp_path: Path) -> None:
    twice = "TY  - JOUR\nTI  - {}\nDO  - 10.1000/1\nER  - \n"
    for dry in (True, False):
        report = bring(file(tmp_path, "a.ris", twice.format("One") + twice.format("Uno")), dry_run=dry)
        assert (report.made, report.already) == (1, 1)


@pytest.mark.parametrize("form", ["ris", "bib"])
def test_what_the_hub_gives_it_takes_again(
    make_resource: Make, indexed: Make, client: Client, tmp_path: Path, form: str
) -> None:
    page = make_resource(
        "A {title} & 100% of \\signs_ #1",
        summary="What it “is” ~ in $5.",
        resource_kind="tool",
        authors="Okoro, Miriam; Barnes and Sons",
        keywords=["sleep", "two words"],
    )
    make_resource("Second", resource_kind="insight")
    indexed()
    answer = client.get(f"/search/export.{form}?shelf=library")
    path = file(tmp_path, f"own.{form}", answer.content)
    report = bring(path)
    assert (report.made, report.already, report.errors) == (0, 2, [])
    fields = {name: getattr(page, name) for name in ("title", "summary", "resource_kind", "authors")}
    ResourcePage.objects.all().delete()
    report = bring(path)
    assert (report.made, report.errors) == (2, [])
    again = ResourcePage.objects.get(title=page.title)
    assert {name: getattr(again, name) for name in fields} == fields
    assert again.published_on.year == 2025
    assert sorted(again.keywords.names()) == ["sleep", "two words"]
    assert ResourcePage.objects.get(title="Second").authors == ""


def test_what_counts_as_the_same() -> None:
    assert skeleton("Die Wärme & das Licht") == skeleton("warme and DAS licht")
    assert plain_address("https://a.example/x?b=2&a=1") == plain_address("http://www.a.example/x/?a=1&utm_medium=y&b=2")
    assert plain_address("https://a.example/x?a=1") != plain_address("https://a.example/x?a=2")


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("import_resources", str(file(tmp_path, "a.enw", "x")))
    assert ".ris, .bib" in str(refused.value)
