"""What the pictures of a manuscript show: who has said it, and of which nobody has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from guidebooks.identity import Block


def undecided(blocks: Any, former: Any) -> Any:
    """Blocks in which a picture without words is no decoration until somebody says so.

    Args:
        former: The blocks of the version before; what was decoration there stays so.
    """
    known = by_id(former)

    def leave_open(block: Block) -> Block:
        value, was = block["value"], known.get(block["id"], {}).get("value", {})
        is_decoration = not was.get("alt") and bool(was.get("decorative"))
        return block if value["alt"] else {**block, "value": {**value, "decorative": is_decoration}}

    return for_pictures(blocks, leave_open)


def described(blocks: Any, addresses: Mapping[int, str], said: Mapping[str, str]) -> Any:
    """Blocks with the words somebody found for their pictures; no words at all say that it is decoration.

    Args:
        addresses: The address in the text of each image.
        said: Words by address.
    """

    def describe(block: Block) -> Block:
        alt = said.get(addresses.get(block["value"]["image"], ""))
        if alt is None or block["value"]["alt"]:
            return block
        return {**block, "value": {**block["value"], "alt": alt[:2000], "decorative": not alt}}

    return for_pictures(blocks, describe)


def wordless(blocks: Any, addresses: Mapping[int, str]) -> list[str]:
    """The addresses of pictures that nobody has found words for."""
    found: list[str] = []

    def ask(block: Block) -> Block:
        value = block["value"]
        if not value["alt"] and not value.get("decorative") and value["image"] in addresses:
            found.append(addresses[value["image"]])
        return block

    for_pictures(blocks, ask)
    return list(dict.fromkeys(found))


def for_pictures(value: Any, deed: Callable[[Block], Block]) -> Any:
    """Blocks with a deed done to each figure that has a picture, in boxes and steps too."""
    if isinstance(value, list):
        return [for_pictures(part, deed) for part in value]
    if isinstance(value, dict):
        if value.get("type") == "figure" and isinstance(value.get("value"), dict):
            return deed(value) if value["value"].get("image") else value
        return {name: for_pictures(part, deed) for name, part in value.items()}
    return value


def by_id(value: Any) -> dict[str, Block]:
    """All blocks, those inside others too, by their ids."""
    if isinstance(value, list):
        return {number: block for part in value for number, block in by_id(part).items()}
    if isinstance(value, dict):
        own = {value["id"]: value} if "type" in value and value.get("id") else {}
        return own | {number: block for part in value.values() for number, block in by_id(part).items()}
    return {}
