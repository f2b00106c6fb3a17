"""What an import says is said in the language of the person who reads it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import trans_real
from wagtail.users.models import UserProfile

from core.imported import Front
from core.markdown import COUNTED, Counts, blocks_from_markdown
from core.models import HubPage
from guidebooks.importing import import_folder
from guidebooks.models import GuidebookIndexPage, Upload
from guidebooks.uploading import work
from tests import personas
from tests.guidebooks import word_files
from tests.guidebooks.test_uploading import address, decide, packed

ROOT = Path(settings.BASE_DIR)
MODULES = [
    *(ROOT / "core" / f"{name}.py" for name in ("markdown", "html_body", "html_words", "html_shape", "liquid")),
    *(ROOT / "core" / f"{name}.py" for name in ("directives", "frontmatter", "worksheets", "drawings", "imported")),
    *sorted((ROOT / "guidebooks").glob("*.py")),
    ROOT / "guidebooks/word/manuscript.py",
    ROOT / "guidebooks/word/said.py",
]
"""All that make remarks, problems and errors which a lead reads."""
APART = {"pdf_reading.py"}
"""Modules that run in a process of their own and say codes."""


@pytest.fixture(params=["fr"])
def foreign(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A language into which every sentence is translated, by brackets around it."""
    language: str = request.param
    catalogue = trans_real.translation(language)
    monkeypatch.setattr(catalogue, "gettext", lambda words: f"⟦{words}⟧")
    monkeypatch.setattr(catalogue, "ngettext", lambda one, many, number: f"⟦{one if number == 1 else many}⟧")
    return language


def is_translated(remark: str) -> bool:
    """Whether a remark is a sentence of the language; names of a file and a field may stand before it."""
    return re.fullmatch(r"(?:\S+: )*⟦.*⟧", remark, re.S) is not None


# What the readers say ---------------------------------------------------------------------------------

CELL = "<table><tr><th>a</th></tr><tr><td>{}</td></tr></table>"
TEXTS = [
    "## ![](none.png)\n\n## <span></span>",
    f"## {'long ' * 80}",
    "![A lamp](none.png)",
    '<img alt="x">',
    "[x](<data:x>) [y](#nowhere) [z](<http://[>)",
    "<script>x</script>",
    "<style>x</style>",
    "```worksheet\nfields: [\n```",
    "```worksheet\ntitle: x\n```",
    "```worksheet\nfields:\n- other: x\n```",
    f"```worksheet\nfields:\n- line: {'x' * 300}\n```",
    "```worksheet\nfields:\n- text: x\n  rows: many\n```",
    "```worksheet\nfields:\n- choice: x\n  options: [one]\n```",
    "> Words.\n>\n> | a |\n> |---|\n> | b |",
    "> | a |\n> |---|\n> | b |",
    "::: callout One\n<aside><p>Two</p></aside>\n:::",
    "::: unknown Title\nText\n:::",
    '<iframe src="https://example.org/x"></iframe>',
    '<iframe srcdoc="x"></iframe>',
    '<form><input type="text"><textarea></textarea></form>',
    "1. One\n\n   Two\n\n   - a\n\n     ```\n     b\n     ```\n",
    "<table></table>",
    '<table><tr><td colspan="2">x</td></tr><tr><td>a</td><td>b</td></tr></table>',
    CELL.format('<img src="none.png" alt="x">'),
    CELL.format("<pre>x</pre>"),
    CELL.format("<blockquote><p>x</p></blockquote>"),
    CELL.format("<table><tr><td>x</td></tr></table>"),
    CELL.format("<ol><li><p>x</p><pre>y</pre></li></ol>"),
    CELL.format('<input type="checkbox" value="x">'),
    CELL.format("<aside><p>x</p></aside>"),
    CELL.format("<pre><code class='language-worksheet'>fields:\n- line: x</code></pre>"),
    'a <svg aria-label="A plan"></svg> b <svg></svg>',
    "- [ ] a ![x](none.png)\n- [ ] b",
    "- [ ] a <pre>x</pre>",
    '<a href="vbscript:x">x</a>',
    "{% unknown %} {% for x in y %}{% endfor %} {{ a.b }} {% include 'none.md' %}",
    "{% capture x %}Words{% endcapture %}",
    "```{tableofcontents}\n```",
    "```{unknown}\nx\n```",
    "{unknown}`words` and {cite}`A2020`",
    "<!-- --><script>words</script>",
]


@pytest.mark.parametrize("text", TEXTS)
def test_every_remark_on_a_text_is_translated(foreign, text):
    with translation.override(foreign):
        remarks = blocks_from_markdown(text).remarks
    assert remarks
    assert [remark for remark in remarks if not is_translated(remark)] == []


def test_counts_that_differ_are_said_in_the_readers_language(foreign):
    counts = Counts(dict.fromkeys(COUNTED, 3), dict.fromkeys(COUNTED, 1), {})
    with translation.override(foreign):
        said = counts.differing()
    assert len(said) == len(COUNTED)
    assert all(is_translated(remark) for remark in said)
    assert "⟦Headings⟧: 3 in the file, 1 here" in said[0]


@pytest.mark.parametrize("text", ["```{note}\n" * 1000, "<div>" * 2000, "{{ x }}" * 4000, "x" * 5_000_001])
def test_why_a_text_is_not_read_is_translated(foreign, text):
    with translation.override(foreign), pytest.raises(ValueError, match="⟦"):
        blocks_from_markdown(text)


def test_numbers_are_written_as_the_language_has_them(db):
    front = Front({"summary": "x" * 1501}, "a.md")
    with translation.override("de"):
        front.text("summary", most=1000)
    assert "1.501" in front.problems[0]


def test_nothing_is_told_in_one_language_alone():
    """No remark, problem or error is a plain string: all were asked for in the catalogue."""
    found = []
    for path in MODULES:
        if path.name in APART:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                listed = ast.unparse(node.func.value).rpartition(".")[2] in ("remarks", "problems")
                given = node.args[:1] if listed and node.func.attr in ("append", "insert") else []
                given = node.args[1:] if node.func.attr == "problem" else given
            elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                is_said = ast.unparse(node.exc.func) in ("ValueError", "NotTaken", "ImportProblem", "FrontMatterError")
                given = [arg for arg in node.exc.args if is_said]
                given = [inner for arg in given for inner in (arg.elts if isinstance(arg, ast.List) else [arg])]
            else:
                continue
            found += [f"{path.name}:{node.lineno}: {ast.unparse(arg)}" for arg in given if _is_plain(arg)]
    assert found == []


def _is_plain(node: ast.expr) -> bool:
    """Whether words stand in a string itself; names and signs may stand before what is translated."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    strings = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return any(" " in text.strip(" :/") for text in strings)


# What a person reads ----------------------------------------------------------------------------------

BOOK = {
    "index.md": "# A guide\n\nWords.\n\n## ![](none.png)\n",
    "01-listen.md": "# Listen\n\n![A plan](plan.bmp)\n\n[Gone](gone.md)\n\n```{unknown}\nx\n```\n",
    "02-card.md": f"---\ntitle: Card\nmethod: {{why: '{'Because it helps to know. ' * 3}'}}\n---\nDo it.\n",
    "03-empty.md": "---\npermalink: false\n---\n",
    "_toc.yml": "- file: index\n- file: not-there\n- file: 01-listen\n",
    "plan.bmp": b"BM",
}


@pytest.fixture
def people(home: Any) -> dict[str, Any]:
    return personas.make_personas()


@pytest.fixture
def reader(client: Client, people: dict[str, Any], foreign: str) -> Client:
    """Somebody who reads the admin in that language."""
    profile = UserProfile.get_for_user(people["secretariat"])
    profile.preferred_language = foreign
    profile.save()
    client.force_login(people["secretariat"])
    return client


@pytest.fixture
def send(reader: Client, section: HubPage) -> Callable[[Any], Upload]:
    """Send a file and have it read by a process in which no language is chosen."""

    def sent(file: Any) -> Upload:
        given = {"token": "a", "parent": section.pk, "audience": "members", "file": file}
        answer = reader.post(reverse("guidebooks_upload"), given)
        assert answer.status_code == 302, answer.context["form"].errors
        upload = Upload.objects.get()
        with translation.override(settings.LANGUAGE_CODE):
            assert work(upload.pk)
        upload.refresh_from_db()
        return upload

    return sent


def remarks_of(upload: Upload) -> list[str]:
    return [*upload.preview["remarks"], *(r for chapter in upload.preview["chapters"] for r in chapter["remarks"])]


def test_a_preview_of_markdown_has_no_remark_in_another_language(reader, send):
    upload = send(packed(BOOK))
    assert upload.state == "ready", upload.problems
    remarks = remarks_of(upload)
    assert len(remarks) >= 8
    assert [remark for remark in remarks if not is_translated(remark)] == []
    assert any("was not taken" in remark and "plan.bmp" in remark for remark in remarks)
    html = reader.get(address(upload)).content.decode()
    assert "⟦The directive “unknown” is not known and was kept as code.⟧" in html


def test_a_preview_of_a_word_file_has_none_either(send):
    maker = word_files.Maker()
    maker.text("Mentor\tMonday\t9:00")
    maker.text("Family\tFriday\t17:00")
    upload = send(SimpleUploadedFile("guide.docx", maker.bytes()))
    assert upload.state == "ready", upload.problems
    remarks = remarks_of(upload)
    assert any("set with tabs" in remark for remark in remarks)
    assert [remark for remark in remarks if not is_translated(remark)] == []


@pytest.mark.parametrize(
    "files",
    [
        {"index.md": "# A\n", "bad.md": b"\xff\xfe"},
        {"index.md": "---\ntitle: [\n---\n", "b.md": "---\ntitle: A\n", "c.md": "---\n- a\n---\n"},
        {"index.md": "---\nday: 2026-02-30\n---\n", "b.md": "---\na: &a [x]\nb: *a\n---\n"},
        {"index.md": f"---\ntopics: [none]\nsummary: {'x' * 501}\nkeywords: {'w' * 101}\n---\n# A\n"},
        {"index.md": f"---\ntitle: {'x' * 256}\nreview_by: soon\npublished_on: then\nsetting: [moon]\n---\n"},
        {"index.md": "---\nkeywords: {a: b}\nedition: [a]\n---\n# A\n", "_toc.yml": "["},
        {"index.md": "# A\n" + "<div>" * 2000},
        {"notes.txt": "words"},
        {"../index.md": "# Out"},
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_the_readers_language(reader, send, files):
    upload = send(packed(files))
    assert upload.state == "refused"
    assert upload.problems
    assert [problem for problem in upload.problems if not is_translated(problem)] == []
    assert upload.problems[0] in unescape(reader.get(address(upload)).content.decode())


def test_who_asks_for_the_draft_is_told_in_the_language_he_or_she_reads_then(reader, send, people, foreign):
    upload = send(packed({"index.md": "# A guide\n"}))
    UserProfile.objects.filter(user=people["secretariat"]).update(preferred_language="en")
    decide(reader, upload)
    people["secretariat"].groups.clear()
    work(upload.pk)
    upload.refresh_from_db()
    assert upload.problems == ["The person who sent it may no longer write there."]


@pytest.mark.parametrize("foreign", ["de"], indirect=True)
def test_the_command_speaks_the_language_of_its_process_whatever_the_book_is_in(foreign, home, tmp_path):
    assert GuidebookIndexPage.objects.filter(locale__language_code=foreign).exists()
    folder = tmp_path / "guide"
    folder.mkdir()
    for name, text in BOOK.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    out = StringIO()
    call_command("import_guidebook", str(folder), "--language", foreign, "--dry-run", stdout=out)
    said = out.getvalue()
    assert "link to nowhere kept as text: gone.md" in said
    assert "⟦" not in said
    with translation.override(foreign):
        call_command("import_guidebook", str(folder), "--language", foreign, "--dry-run", stdout=out)
    assert "⟦link to nowhere kept as text: gone.md⟧" in out.getvalue()


def test_a_picture_that_cannot_be_read_is_named_with_the_reason_at_each_address(section, tmp_path, foreign):
    folder = tmp_path / "guide"
    folder.mkdir()
    (folder / "index.md").write_text("![One](one.svg)\n\n![Two](two.svg)\n")
    for name in ("one", "two"):
        (folder / f"{name}.svg").write_text("<html/>")
    with translation.override(foreign):
        report = import_folder(folder, section)
    (chapter,) = report.chapters
    assert chapter.remarks == [
        f"⟦A picture was not taken: it cannot be read (⟦this is no SVG drawing⟧). {name}.svg⟧"
        for name in ("one", "two")
    ]
    assert report.agrees
