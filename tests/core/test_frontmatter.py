"""The YAML at the top of a file that a stranger sends."""

from __future__ import annotations

import pytest

from core import frontmatter
from core.worksheets import worksheet_from


def bomb(levels: int) -> str:
    """Lines of YAML that stand for ten to the power of ``levels`` words."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


def test_a_few_lines_do_not_stand_for_a_thousand_million_words():
    with pytest.raises(frontmatter.FrontMatterError) as error:
        frontmatter.read(f"---\n{bomb(9)}\nreview_by: *a8\n---\nText.")
    assert error.value.line == 3
    with pytest.raises(ValueError, match="no YAML"):
        worksheet_from(f"{bomb(9)}\nfields: *a8")


def test_a_name_that_nothing_stands_for_is_read_over():
    assert frontmatter.read("---\ntitle: &t Housing\n---\nA key.") == ({"title": "Housing"}, "A key.")
