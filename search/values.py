"""Filter values as terms: strings that sort as the values do, with a letter for the type, and back again."""

from __future__ import annotations

import datetime as dt
import hashlib
import struct
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet

LONGEST_TEXT = 400
"""Characters of a text value that are kept as they are; a longer one ends in a digest of the whole."""
SORTS_LIKE_THE_DATABASE = frozenset("ifdtamp")
"""Types whose order is the same here and in every database. Texts sort by collation there."""

NULL = "n"
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _whole(number: int) -> str:
    """A whole number of any size: sign, count of digits, digits; complemented below zero."""
    digits = str(abs(number))
    if number >= 0:
        return f"1{len(digits):05d}{digits}"
    return "0" + "".join(chr(ord("0") + 9 - int(d)) for d in f"{len(digits):05d}{digits}")


def _whole_back(text: str) -> int:
    if text[0] == "1":
        return int(text[6:])
    return -int("".join(str(9 - int(d)) for d in text[6:]))


def _decimal(number: Decimal) -> str:
    """Sign, power of ten, digits; equal numbers of different scale give the same string."""
    if not number.is_finite():
        return f"9{number}"
    if not number:
        return "1"
    digits = "".join(map(str, number.as_tuple().digits)).rstrip("0")
    body = f"{number.adjusted() + 500_000:07d}{digits}"
    if number > 0:
        return "2" + body
    return "0" + "".join(str(9 - int(d)) for d in body) + "~"


def _decimal_back(text: str) -> Decimal:
    if text[0] == "9":
        return Decimal(text[1:])
    if text == "1":
        return Decimal(0)
    body = text[1:] if text[0] == "2" else "".join(str(9 - int(d)) for d in text[1:-1])
    digits = body[7:]
    number = Decimal(int(digits)).scaleb(int(body[:7]) - 500_000 - len(digits) + 1)
    return number if text[0] == "2" else -number


def _float(number: float) -> str:
    bits = int(struct.unpack(">Q", struct.pack(">d", number + 0.0))[0])
    bits = bits ^ 0xFFFFFFFFFFFFFFFF if bits >> 63 else bits | 1 << 63
    return f"{bits:016x}"


def _float_back(text: str) -> float:
    bits = int(text, 16)
    bits = bits & ~(1 << 63) if bits >> 63 else bits ^ 0xFFFFFFFFFFFFFFFF
    return float(struct.unpack(">d", struct.pack(">Q", bits))[0])


def _moment(moment: dt.datetime) -> str:
    aware = moment.tzinfo is not None
    moment = moment.astimezone(dt.UTC) if aware else moment
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}{'z' if aware else ''}"


def _moment_back(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text.removesuffix("z"))
    return moment.replace(tzinfo=dt.UTC) if text.endswith("z") else moment


def encode(value: Any) -> str:
    """Give the term of one value."""
    if isinstance(value, Model):
        value = value.pk
    if value is None:
        return NULL
    if isinstance(value, bool):
        return f"b{int(value)}"
    if isinstance(value, int):
        return "i" + _whole(value)
    if isinstance(value, float):
        return "f" + _float(value)
    if isinstance(value, Decimal):
        return "d" + _decimal(value)
    if isinstance(value, dt.datetime):
        return "t" + _moment(value)
    if isinstance(value, dt.date):
        return "a" + value.isoformat()
    if isinstance(value, dt.time):
        return "m" + value.replace(tzinfo=None).isoformat(timespec="microseconds")
    if isinstance(value, dt.timedelta):
        return "p" + _whole(value // dt.timedelta(microseconds=1))
    if isinstance(value, uuid.UUID):
        return "u" + value.hex
    return "s" + text_value(value if isinstance(value, str) else str(value))


def text_value(text: str) -> str:
    """Give what stands for a text: itself, or its beginning and a digest."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]}\x00{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"


def decode(term: str) -> Any:
    """Give the value of a term that ``encode`` made; of a long text, its beginning."""
    kind, text = term[:1], term[1:]
    if kind == "n":
        return None
    if kind == "b":
        return text == "1"
    if kind == "s":
        return text.partition("\x00")[0] if len(text) > LONGEST_TEXT else text
    back = {
        "i": _whole_back,
        "f": _float_back,
        "d": _decimal_back,
        "t": _moment_back,
        "a": dt.date.fromisoformat,
        "m": dt.time.fromisoformat,
        "p": lambda part: _whole_back(part) * dt.timedelta(microseconds=1),
        "u": lambda part: uuid.UUID(hex=part),
    }
    return back[kind](text)


def encode_all(value: Any) -> list[str]:
    """Give the terms of a value or of several: a list, a set or related objects. None at all counts as null."""
    if hasattr(value, "all"):
        value = value.all()
    if isinstance(value, (list, tuple, set, frozenset, QuerySet)) or (
        isinstance(value, Iterable) and not isinstance(value, (str, bytes, Model, dict))
    ):
        return sorted({encode(part) for part in value}) or [NULL]
    return [encode(value)]


def microseconds(moment: dt.datetime) -> int:
    """Give the moment as whole microseconds since 1970; without a zone it is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return (aware - _EPOCH) // dt.timedelta(microseconds=1)
