"""XMP packets brought up to date, or made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

_NAMESPACE = "urn:focusstack:facts:1"
_ORIENTATION = re.compile(rb"""(tiff:Orientation(?:\s*=\s*["']|>))\d+""")
_WIDTH = re.compile(rb"""((?:exif:PixelXDimension|tiff:ImageWidth)(?:\s*=\s*["']|>))\d+""")
_HEIGHT = re.compile(rb"""((?:exif:PixelYDimension|tiff:ImageLength)(?:\s*=\s*["']|>))\d+""")
# Points to a second part of the packet that stays behind in the reference frame's file.
_EXTENSION = re.compile(rb"""\s*xmpNote:HasExtendedXMP\s*=\s*["'][0-9A-Fa-f]*["']""")
_RECORD = re.compile(
    rb"""\s*focusstack:Record\s*=\s*["'][^"']*["']"""
    rb"""|\s*<focusstack:Record\s*>[^<]*</focusstack:Record\s*>"""
)
_FACT = re.compile(rb"""\s*focusstack:(?!Record)[\w.-]+\s*=\s*(?:"[^"]*"|'[^']*')""")
_END = b"</rdf:RDF>"
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_.-]|^(?=[^A-Za-z_])")


def updated(packet: bytes, width: int, height: int) -> bytes:
    """Correct the orientation and the dimensions that an XMP packet states; the rest stays."""
    packet = _ORIENTATION.sub(rb"\g<1>1", packet)
    packet = _WIDTH.sub(rb"\g<1>%d" % width, packet)
    packet = _HEIGHT.sub(rb"\g<1>%d" % height, packet)
    return _EXTENSION.sub(b"", packet)


def fresh(software: str, facts: Mapping[str, str]) -> bytes:
    """A packet that names the software and holds the facts as ``focusstack:`` properties."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <rdf:Description rdf:about=""\n'
        '    xmlns:xmp="http://ns.adobe.com/xap/1.0/"\n'
        f'    xmlns:focusstack="{_NAMESPACE}"\n'
        f"    xmp:CreatorTool={quoteattr(software)}{_properties(facts)}/>\n"
        " </rdf:RDF>\n</x:xmpmeta>\n"
        '<?xpacket end="w"?>'
    ).encode("utf-8", "replace")


def with_facts(packet: bytes, facts: Mapping[str, str]) -> bytes:
    """The packet with the facts added; as it is if it is built otherwise.

    Facts about another stack, which the reference frame may carry, are taken out.
    """
    return _added(_FACT.sub(b"", packet), _properties(facts)) or packet


def with_record(packet: bytes, record: str) -> bytes | None:
    """The packet with the record of how the picture was made; None if it is built otherwise.

    A record of another picture, which the reference frame may carry, is taken out.
    """
    return _added(_RECORD.sub(b"", packet), f'\n    focusstack:Record="{record}"')


def _added(packet: bytes, properties: str) -> bytes | None:
    before, end, after = packet.rpartition(_END)
    if not end:
        return None
    description = f'<rdf:Description rdf:about="" xmlns:focusstack="{_NAMESPACE}"{properties}/>\n '
    return before + description.encode("utf-8", "replace") + end + after


def _properties(facts: Mapping[str, str]) -> str:
    return "".join(
        f"\n    focusstack:{_NOT_A_NAME.sub('_', name)}={quoteattr(value)}"
        for name, value in facts.items()
    )
