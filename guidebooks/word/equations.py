"""Equations of a Word file in one line of signs."""

from __future__ import annotations

from typing import Any

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
SIGNS = {"sSup": "^", "sSub": "_"}


def linear(element: Any) -> str:
    """An equation as it would be typed: ``(a+b)/(c)``, ``x^2``, ``√(y)``; what is not known, as its letters."""
    name = str(element.tag).removeprefix(M)
    if name == "t":
        return element.text or ""
    if name == "f":
        return f"({_of(element, 'num')})/({_of(element, 'den')})"
    if name in SIGNS:
        return f"{_of(element, 'e')}{SIGNS[name]}{_of(element, name[1:].lower())}"
    if name == "sSubSup":
        return f"{_of(element, 'e')}_{_of(element, 'sub')}^{_of(element, 'sup')}"
    if name == "rad":
        degree = _of(element, "deg")
        return f"{'' if degree in {'', '2'} else degree}√({_of(element, 'e')})"
    if name == "nary":
        sign = element.find(f"{M}naryPr/{M}chr")
        drawn = sign.get(M + "val", "∫") if sign is not None else "∫"
        return f"{drawn}_{_of(element, 'sub')}^{_of(element, 'sup')} {_of(element, 'e')}"
    if name == "d":
        return f"({', '.join(linear(part) for part in element.findall(M + 'e'))})"
    if name == "mr":
        return ", ".join(linear(part) for part in element.findall(M + "e")) + "; "
    return "".join(map(linear, element))


def _of(element: Any, name: str) -> str:
    part = element.find(M + name)
    return linear(part).strip() if part is not None else ""
