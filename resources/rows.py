"""Files of resources as rows: JSON Lines, CSV, RIS, BibTeX, and folders of Markdown.

A file that cannot be trusted as a whole (too large, not UTF-8, broken quotes, a column that looks like a slip of the
pen) gives no row at all; a single row that cannot be read is handed on with its problem.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from core.imported import Front, ImportProblem
from resources.references import bibtex_references, ris_references

MB = 1024 * 1024
LARGEST_FILE = 50 * MB
"""Bytes of one file of rows; about 25,000 long articles."""
LARGEST_BODY = 1 * MB
"""Bytes of the text of one row; a long book has about as much."""
LARGEST_LINE = 7 * MB
"""Bytes of one line of JSON: the largest text with each character escaped as six, and everything beside it."""

COLUMNS = (
    "title",
    "summary",
    "body",
    "kind",
    "topics",
    "keywords",
    "audience",
    "teaser",
    "language",
    "working_group",
    "files",
    "setting",
    "stage",
    "extremism",
    "motivation",
    "regions",
    "evidence",
    "authors",
    "published_in",
    "doi",
    "source_url",
    "for_whom",
    "staff",
    "cost",
    "risks",
    "neighbour_field",
    "carries_over",
    "does_not_carry",
    "published_on",
    "review_by",
    "id",
    "slug",
    "translation_of",
)
ALIASES = {"text": "body", "lang": "language", "author": "authors", "url": "source_url"}
SUFFIXES = {
    ".jsonl": "JSON Lines",
    ".ndjson": "JSON Lines",
    ".csv": "CSV",
    ".tsv": "CSV",
    ".ris": "RIS",
    ".bib": "BibTeX",
}
REFERENCES = {"RIS": ris_references, "BibTeX": bibtex_references}
LANGUAGE_SUFFIX = re.compile(r"^(?P<slug>.+)\.(?P<language>[a-z]{2})$")


class UnreadableFile(ValueError):
    """A file of which nothing is imported. The message names it, the place and what would help."""


@dataclass(frozen=True)
class Raw:
    """One row as it stands in its file.

    Args:
        where: What a person finds it by: "row 12" (the first row of a CSV file names the columns, so what follows
            begins at row 2), the line of a JSON Lines file, or the name of a Markdown file.
        fields: Values by column.
        files: Folder in which the names in ``files`` are looked up; None: no file can be named.
        pictures: The same for pictures in the text.
        problem: Why the row could not be read; then it has no fields.
    """

    where: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    files: Path | None = None
    pictures: Path | None = None
    problem: str = ""


@dataclass(frozen=True)
class RowFile:
    """A file that was looked through and may be imported.

    Args:
        count: Number of rows, blank lines left out.
        remarks: What will be left out, such as columns that are not known.
        rows: Reads the rows anew, one by one.
    """

    path: Path
    count: int
    remarks: list[str]

    def rows(self) -> Iterator[Raw]:
        """The rows, in the order of the file."""
        if _kind(self.path) in REFERENCES:
            return _reference_rows(self.path)
        return _csv_rows(self.path) if _is_csv(self.path) else _json_rows(self.path)


def read(path: Path) -> RowFile:
    """Look through a file of rows from beginning to end, without keeping it.

    Raises:
        UnreadableFile: nothing of it can be imported.
    """
    _check_kind_and_size(path)
    _check_encoding(path)
    if _kind(path) in REFERENCES:
        return RowFile(path, _look_through_references(path), [])
    if _is_csv(path):
        return RowFile(path, *_look_through_csv(path))
    return RowFile(path, *_look_through_json(path))


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that looks most like this one; empty when none does.

    >>> nearest("topcis", ["topics", "title"])
    'topics'
    """
    close = get_close_matches(word.casefold(), list(known), n=1, cutoff=0.7)
    return close[0] if close else ""


def column_of(name: str) -> str:
    """A column's name as we write it.

    >>> column_of(" Working group "), column_of("text")
    ('working_group', 'body')
    """
    plain = re.sub(r"[\s-]+", "_", name.strip().casefold())
    return ALIASES.get(plain, plain)


# The file as a whole -------------------------------------------------------------------------------


def _check_kind_and_size(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise UnreadableFile(f"{path.name}: the name should end in one of {', '.join(SUFFIXES)}")
    try:
        if not path.is_file():
            raise UnreadableFile(f"{path.name}: there is no such file")
        size = path.stat().st_size
    except OSError as error:
        raise UnreadableFile(f"{path.name}: {error.strerror or 'cannot be read'}") from error
    if size > LARGEST_FILE:
        raise UnreadableFile(
            f"{path.name}: has {size / MB:,.0f} MB; at most {LARGEST_FILE // MB} MB are read. Divide it into several."
        )
    if not size:
        raise UnreadableFile(f"{path.name}: is empty")


def _check_encoding(path: Path) -> None:
    try:
        with path.open("rb") as file:
            if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
                raise UnreadableFile(f"{path.name}: line 1: is UTF-16. Save it as UTF-8 (in Excel: “CSV UTF-8”).")
            file.seek(0)
            for number, line in enumerate(iter(lambda: file.readline(LARGEST_FILE), b""), start=1):
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError as error:
                    raise UnreadableFile(
                        f"{path.name}: line {number}: byte {error.start + 1} (0x{line[error.start]:02x}) is not "
                        "UTF-8. Save the file as UTF-8 (in Excel: “CSV UTF-8”)."
                    ) from error
    except OSError as error:
        raise UnreadableFile(f"{path.name}: {error.strerror or 'cannot be read'}") from error


def _check_columns(path: Path, names: list[str]) -> list[str]:
    """Remarks on columns that are left out; a slip of the pen stops the file."""
    remarks = []
    for name in names:
        if column_of(name) in COLUMNS:
            continue
        meant = nearest(column_of(name), [*COLUMNS, *ALIASES])
        if meant:
            raise UnreadableFile(f"{path.name}: row 1: column “{name}” is not known. Did you mean “{meant}”?")
        remarks.append(f"column “{name}” is not known and is left out")
    return remarks


# CSV -----------------------------------------------------------------------------------------------


def _kind(path: Path) -> str:
    return SUFFIXES[path.suffix.lower()]


def _is_csv(path: Path) -> bool:
    return _kind(path) == "CSV"


def _csv_records(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline(LARGEST_LINE)
        file.seek(0)
        delimiter = max(",;\t", key=header.count)
        yield from csv.reader(file, delimiter=delimiter, strict=True)


def _look_through_csv(path: Path) -> tuple[int, list[str]]:
    number = 0
    records = _csv_records(path)
    try:
        header = next(records, [])
        names = [column_of(name) for name in header]
        if "title" not in names:
            found = ", ".join(name for name in header if name.strip())[:300]
            raise UnreadableFile(f"{path.name}: row 1 should name the columns, “title” among them; found: {found}")
        twice = sorted({name for name in names if name and names.count(name) > 1})
        if twice:
            raise UnreadableFile(f"{path.name}: row 1: these columns stand there twice: {', '.join(twice)}")
        remarks = _check_columns(path, [name for name in header if name.strip()])
        number = sum(1 for record in records if any(cell.strip() for cell in record))
    except csv.Error as error:
        raise UnreadableFile(f"{path.name}: the quotes or line ends are broken ({error})") from error
    return number, remarks


def _csv_rows(path: Path) -> Iterator[Raw]:
    records = _csv_records(path)
    names = [column_of(name) for name in next(records)]
    for number, record in enumerate(records, start=2):
        where = f"row {number}"
        if not any(cell.strip() for cell in record):
            continue
        if len(record) > len(names):
            problem = f"has {len(record)} cells, and row 1 names {len(names)} columns"
            yield Raw(where, problem=problem)
            continue
        cells = zip(names, record, strict=False)
        fields = {name: cell for name, cell in cells if name in COLUMNS and cell.strip()}
        yield Raw(where, fields, files=path.parent, pictures=path.parent)


# JSON Lines ----------------------------------------------------------------------------------------


def _json_lines(path: Path) -> Iterator[tuple[int, str | None]]:
    """Number and text of each line that is not blank; None for one that is too long to be read."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LARGEST_LINE + 1):
            number += 1
            if len(line) > LARGEST_LINE:
                while not line.endswith(b"\n") and (line := file.readline(LARGEST_LINE)):
                    continue
                yield number, None
                continue
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            if text:
                yield number, text


def _look_through_json(path: Path) -> tuple[int, list[str]]:
    count = 0
    for _number, text in _json_lines(path):
        if not count and text is not None and text.startswith("["):
            raise UnreadableFile(f"{path.name}: is one JSON list. Give one object in braces on each line.")
        count += 1
    return count, []


def _json_rows(path: Path) -> Iterator[Raw]:
    for number, text in _json_lines(path):
        yield _json_row(f"row {number}", text, path.parent)


def _json_row(where: str, text: str | None, folder: Path) -> Raw:
    if text is None:
        return Raw(where, problem=f"is longer than {LARGEST_LINE // MB} MB")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        return Raw(where, problem=f"is no JSON: {error.msg} (character {error.colno})")
    except (ValueError, RecursionError) as error:
        return Raw(where, problem=f"is no JSON that can be read: {error}")
    if not isinstance(data, dict):
        return Raw(where, problem="should be one object in braces, with the columns as its names")
    fields: dict[str, Any] = {}
    for name, value in data.items():
        column = column_of(name)
        if column in COLUMNS:
            fields.setdefault(column, value)
        elif meant := nearest(column, COLUMNS):
            return Raw(where, problem=f"column “{name[:60]}” is not known. Did you mean “{meant}”?")
    return Raw(where, fields, files=folder, pictures=folder)


# References ----------------------------------------------------------------------------------------


def _look_through_references(path: Path) -> int:
    count = good = 0
    for _where, _fields, problem in REFERENCES[_kind(path)](path):
        count += 1
        good += not problem
    if not count:
        begins = "“TY  - ”" if _kind(path) == "RIS" else "“@article{key,” or the like"
        raise UnreadableFile(f"{path.name}: holds no reference: each begins with {begins}")
    if not good:
        first = next(iter(REFERENCES[_kind(path)](path)))
        raise UnreadableFile(f"{path.name}: is no {_kind(path)} that can be read: {first[0]}: {first[2]}")
    return count


def _reference_rows(path: Path) -> Iterator[Raw]:
    for where, fields, problem in REFERENCES[_kind(path)](path):
        yield Raw(where, fields, problem=problem)


# Markdown ------------------------------------------------------------------------------------------


def rows_from_markdown(folder: Path) -> Iterator[Raw]:
    """The resources of a folder: ``<slug>.md`` in the hub's first language, ``<slug>.de.md`` and so on beside it.

    Files are looked up in ``files`` and pictures in ``pictures`` beside the folder. An original comes before its
    versions in other languages.
    """
    originals: dict[str, Path] = {}
    versions: dict[str, list[tuple[str, Path]]] = {}
    for path in sorted(folder.glob("*.md")):
        named = LANGUAGE_SUFFIX.match(path.stem)
        if named:
            versions.setdefault(named["slug"], []).append((named["language"], path))
        else:
            originals[path.stem] = path
    for slug in sorted(originals.keys() | versions.keys()):
        if slug in originals:
            yield _markdown_row(originals[slug], {"slug": slug})
        for language, path in versions.get(slug, []):
            yield _markdown_row(path, {"slug": slug, "language": language, "translation_of": slug})


def _markdown_row(path: Path, known: Mapping[str, Any]) -> Raw:
    try:
        front, body = Front.of_file(path)
    except ImportProblem as error:
        return Raw(path.name, problem="; ".join(error.problems))
    said = front.fields.get("language") or known.get("language")
    if "language" in known and said != known["language"]:
        return Raw(path.name, problem=f"language: is {said}, the name of the file says {known['language']}")
    fields = {column_of(name): value for name, value in front.fields.items()}
    unknown = sorted(fields.keys() - set(COLUMNS))
    if unknown:
        return Raw(path.name, problem=f"not known: {', '.join(unknown)}. Choose from {', '.join(COLUMNS)}")
    beside = path.parent.parent
    return Raw(path.name, {**fields, **known, "body": body}, files=beside / "files", pictures=beside / "pictures")
