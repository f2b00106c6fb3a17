"""Directives, roles and targets of MyST (Jupyter Book, Sphinx) as ordinary tokens.

A directive is a fence or a row of colons whose info begins with a name in braces; a role is a name
in braces before words in backticks; a target is ``(name)=`` on a line of its own.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

import yaml
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from core import frontmatter

INFO = re.compile(r"^\{([\w:+-]+)\}\s*(.*)$")
FIELD = re.compile(r"^:([\w-]+):\s*(.*)$")
ROLE_TARGET = re.compile(r"^(.*?)\s*<([^<>]+)>$", re.S)
BOXES = {
    "note": "note",
    "admonition": "note",
    "hint": "note",
    "tip": "note",
    "seealso": "note",
    "important": "care",
    "attention": "care",
    "warning": "care",
    "caution": "care",
    "danger": "care",
    "error": "care",
    "example": "example",
    "dropdown": "note",
    "margin": "note",
    "sidebar": "note",
    "topic": "note",
}
CODES = {
    "code",
    "code-block",
    "code-cell",
    "sourcecode",
    "literalinclude",
    "math",
    "parsed-literal",
}
NAVIGATION = {"bibliography", "tableofcontents", "toctree", "contents", "index"}
LINKING = {"ref", "numref", "doc", "any", "term", "download"}
CITING = {"cite", "cite:p", "cite:t", "cite:ps", "cite:ts", "citep", "citet", "footcite"}


def plugin(md: MarkdownIt) -> None:
    """Make a parser read directives and roles. ``env["remarks"]`` is told what cannot be kept."""
    md.core.ruler.before("inline", "directives", _directives)
    md.core.ruler.push("roles", _roles)


def slug_of_term(term: str) -> str:
    """The anchor of a term of a glossary.

    >>> slug_of_term("Acceptance  Testing")
    'term-acceptance-testing'
    """
    return "term-" + re.sub(r"\W+", "-", term.strip().lower()).strip("-")


def _html(content: str) -> Token:
    token = Token("html_block", "", 0, content=content, block=True)
    token.meta = {"ours": True}
    return token


def _directives(state: StateCore) -> None:
    state.tokens = _expanded(state, state.tokens)


def _expanded(state: StateCore, tokens: list[Token]) -> list[Token]:
    done: list[Token] = []
    for token in tokens:
        info = INFO.match(token.info.strip()) if token.type == "fence" else None
        done.extend(_directive(state, token, *info.groups()) if info else [token])
    return done


def _directive(state: StateCore, token: Token, name: str, argument: str) -> list[Token]:
    name = name.lower()
    options, body = _options(token.content)

    def inner(text: str) -> list[Token]:
        nested: list[Token] = []
        state.md.block.parse(text, state.md, state.env, nested)
        return _expanded(state, nested)

    if name in {"figure", "image"}:
        alt = " ".join(str(options.get("alt") or "").split())
        label = escape(str(options.get("name") or ""))
        picture = f'<img src="{escape(argument.strip())}" alt="{escape(alt)}">'
        opening = _html(f'<figure id="{label}">{picture}' if label else f"<figure>{picture}")
        if not body.strip():
            return [opening, _html("</figure>")]
        caption = [_html("<figcaption>"), *inner(body), _html("</figcaption>")]
        return [opening, *caption, _html("</figure>")]
    if name in BOXES:
        # A note directive may begin its text on the first line; an admonition has a title there.
        title = argument if name in {"admonition", "dropdown", "sidebar", "topic", "example"} else ""
        text = body if title or not argument else f"{argument}\n{body}"
        box = f'<aside class="callout" data-kind="{BOXES[name]}" data-title="{escape(title)}">'
        return [_html(box), *inner(text), _html("</aside>")]
    if name == "glossary":
        done = [_html("<dl>")]
        for terms, meaning in _glossary(body):
            for term in terms:
                done += [
                    _html(f'<dt id="{escape(slug_of_term(term))}">'),
                    *inner(term),
                    _html("</dt>"),
                ]
            done += [_html("<dd>"), *inner(meaning), _html("</dd>")]
        return [*done, _html("</dl>")]
    if name in CODES:
        token.info, token.content = argument or name, body
        return [token]
    if name in NAVIGATION:
        words = _("The directive “%(name)s” makes a list that does not exist here; it was left out.")
        state.env["remarks"].append(words % {"name": name})
        return []
    state.env["remarks"].append(_("The directive “%(name)s” is not known and was kept as code.") % {"name": name})
    return [token]


def _options(content: str) -> tuple[dict[str, Any], str]:
    """Split the body of a directive into its options and its text."""
    lines = content.split("\n")
    if lines and re.fullmatch(r"-{3,}\s*", lines[0]):
        for number, line in enumerate(lines[1:], start=1):
            if re.fullmatch(r"-{3,}\s*", line):
                return _yaml(lines[1:number]), "\n".join(lines[number + 1 :])
        return {}, content
    options: dict[str, Any] = {}
    for number, line in enumerate(lines):
        field = FIELD.match(line)
        if field is None:
            return options, "\n".join(lines[number:])
        options[field[1]] = field[2]
    return options, ""


def _yaml(lines: list[str]) -> dict[str, Any]:
    """Read options; where they are no YAML, such as an alt text with a colon, line by line."""
    try:
        options = frontmatter.plain("\n".join(lines))
    except (yaml.YAMLError, ValueError):
        options = None
    if isinstance(options, dict):
        return options
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and re.fullmatch(r"[\w-]+", name):
            found[name] = value.strip()
        elif found:
            last = next(reversed(found))
            found[last] += f" {line.strip()}"
    return found


def _glossary(body: str) -> list[tuple[list[str], str]]:
    """Read terms at the margin with their indented meanings."""
    found: list[tuple[list[str], list[str]]] = []
    for line in body.split("\n"):
        if line.strip() and not line[0].isspace():
            if found and not found[-1][1]:
                found[-1][0].append(line.strip())
            else:
                found.append(([line.strip()], []))
        elif found and (line.strip() or found[-1][1]):
            found[-1][1].append(line.strip())
    return [(terms, "\n".join(meaning).strip()) for terms, meaning in found]


def _roles(state: StateCore) -> None:
    for block in state.tokens:
        if block.type != "inline" or not block.children:
            continue
        children: list[Token] = []
        for child in block.children:
            children.extend(_role(state, child) if child.type == "myst_role" else [child])
        block.children = children


def _role(state: StateCore, token: Token) -> list[Token]:
    name, content = token.meta["name"].lower(), token.content.strip("`").strip()
    if name in LINKING:
        split = ROLE_TARGET.match(content)
        words, target = (split[1], split[2]) if split else ("", content)
        if not words:
            words = state.env["names"].get(f"{name}:{target}", target)
        opening = Token("link_open", "a", 1, attrs={"href": f"{name}:{target}"})
        text = Token("text", "", 0, content=words)
        return [opening, text, Token("link_close", "a", -1)]
    if name in CITING:
        keys = ", ".join(key.strip() for key in content.split(","))
        state.env["cited"].append(keys)
        return [Token("text", "", 0, content=f"({keys})")]
    if name in {"sup", "sub"}:
        return [_inline(f"<{name}>"), Token("text", "", 0, content=content), _inline(f"</{name}>")]
    if name in {"kbd", "math", "code", "file", "guilabel", "command", "samp"}:
        return [Token("code_inline", "code", 0, content=content, markup="`")]
    state.env["remarks"].append(_("The role “%(name)s” is not known; its words were kept.") % {"name": name})
    return [Token("text", "", 0, content=content)]


def _inline(content: str) -> Token:
    return Token("html_inline", "", 0, content=content)
