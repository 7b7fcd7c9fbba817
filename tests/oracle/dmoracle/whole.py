"""Tokens of whole elements: the shortest spelling, from docs/compact.md and its JSON.

A shape is an XML text with holes. `{0}` stands for a value of the token; `{octets}`, `{text}` and
`00{hex}` are what the octets of a document bring.
"""

import base64

from . import Refusal
from .infoset import Element, forbidden_character, parse


class Shape:
    """What one token stands for."""

    def __init__(self, template, values, lengths):
        for number, value in enumerate(values):
            template = template.replace("{%d}" % number, value)
        self.root, self.lengths = parse(template), list(lengths)
        holes = [hole for element in self.root.walk() for hole in
                 [*element.attrs.values(), *element.children] if isinstance(hole, str)]
        self.texts = sum(hole in ("{text}", "00{hex}") for hole in holes)
        if sum(hole == "{octets}" for hole in holes) != len(lengths) + 1:
            raise Refusal("a whole element has a length for all its octets but the last ones")

    def fill(self, octets, texts):
        """The element with these octets and texts; None when the octets are too few."""
        if len(octets) < sum(self.lengths):
            return None
        pieces, at = [], 0
        for length in self.lengths:
            pieces.append(octets[at:at + length])
            at += length
        pieces.append(octets[at:])
        return self._filled(self.root, iter(pieces), iter(texts))

    def _filled(self, element, pieces, texts):
        attrs = {name: "00" + next(texts).encode().hex().upper() if value == "00{hex}" else value
                 for name, value in element.attrs.items()}
        made = Element(element.ns, element.name, attrs, private=True)
        for child in element.children:
            if isinstance(child, Element):
                made.append(self._filled(child, pieces, texts))
            elif child == "{octets}":
                made.append(base64.b64encode(next(pieces)).decode())
            else:
                made.append(next(texts))
        return made

    def of(self, element):
        """What an element has in the holes, (octets, texts); None when it is of another shape."""
        pieces, texts = [], []
        if not self._compare(self.root, element, pieces, texts):
            return None
        if any(len(piece) != length for piece, length in zip(pieces, self.lengths)):
            return None
        return b"".join(pieces), texts

    def _compare(self, shape, element, pieces, texts):
        if not element.is_(shape.ns, shape.name) or set(shape.attrs) != set(element.attrs):
            return False
        for name, expected in shape.attrs.items():
            value = element.attrs[name]
            if expected == "00{hex}":
                text = _from_hex(value)
                if text is None:
                    return False
                texts.append(text)
            elif value != expected:
                return False
        if len(shape.children) == 1 and isinstance(shape.children[0], str):
            if element.elements:
                return False
            if shape.children[0] == "{text}":
                texts.append(element.text)
                return True
            piece = _from_base64(element.text)
            pieces.append(piece)
            return piece is not None
        return (len(shape.children) == len(element.children)
                and all(isinstance(child, Element) and self._compare(expected, child, pieces, texts)
                        for expected, child in zip(shape.children, element.children)))


def load(extra):
    """{page: {token: Shape}} of a table of private pages."""
    found = {}
    for entry in (extra or {}).get("whole_elements", []):
        shape = Shape(extra["shapes"][entry["shape"]], entry["values"], entry["lengths"])
        page = found.setdefault(entry["page"], {})
        if not 5 <= entry["token"] <= 0x3F or entry["token"] in page:
            raise Refusal(f"token {entry['token']:#04x} of page {entry['page']}")
        page[entry["token"]] = shape
    return found


def _from_hex(value):
    if not value.startswith("00") or value != value.upper():
        return None
    try:
        text = bytes.fromhex(value[2:]).decode()
    except ValueError:
        return None
    return None if forbidden_character(text) or " " in value else text


def _from_base64(text):
    try:
        octets = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return octets if base64.b64encode(octets).decode() == text else None
