"""Texts as workbooks store them: XML entities, ``_x000D_`` escapes, rich runs and phonetic hints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

_ENTITY = re.compile(r"&(#x[0-9a-fA-F]+|#\d+|\w+);")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ESCAPE = re.compile(r"_x([0-9a-fA-F]{4})_")
_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]|_x")
_NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """The text that a person sees for a piece of XML text."""
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    if "_x" in text:
        text = unescape(text)
    return text.replace("\r\n", "\n") if "\r" in text else text


def unescape(text: str) -> str:
    """Resolve ``_x000D_`` style escapes (ECMA-376 part 1, ST_Xstring); ``_x005F_`` stands for ``_``."""
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def escape(text: str) -> str:
    """Text as XML character data of a workbook; what XML cannot hold becomes an ``_xHHHH_`` escape."""
    if not _SPECIAL.search(text):
        return text
    text = _ESCAPE.sub(lambda match: "_x005F" + match[0], text)
    text = text.replace("\r\n", "\n")
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _NOT_XML.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def text_items(data: bytes, parse: Callable[[bytes], Element]) -> list[str]:
    """Every item of a shared strings part, in order; phonetic hints are left out."""
    prefix = _item_prefix(data)
    if prefix is None or data.count(b"<!") or data.count(b"<?") > 1:
        return [_item_text(item) for item in parse(data) if _local(item) == "si"]
    text = data.decode("utf-8-sig")
    simple = re.findall(rf'<{prefix}si><{prefix}t(?: xml:space="preserve")?>([^<]*)</{prefix}t></{prefix}si>', text)
    if len(simple) == text.count(f"<{prefix}si"):
        if "&" not in text and "_x" not in text and "\r" not in text:
            return simple
        return [plain(newlines(t)) if "&" in t or "_x" in t or "\r" in t else t for t in simple]
    return list(_quick_items(text, prefix))


def _item_prefix(data: bytes) -> str | None:
    """The namespace prefix of a part in UTF-8, None when a real XML parser should read it."""
    head = data[:2000]
    declared = re.search(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)", head)
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        return None
    root = re.search(rb"<([\w.-]+:)?sst[\s>/]", head)
    return (root[1] or b"").decode() if root else None


def _quick_items(text: str, prefix: str) -> Iterator[str]:
    start, end = f"<{prefix}si><{prefix}t>", f"</{prefix}t>"
    from_, to = len(start), -len(end)
    first = text.find(f"<{prefix}si")
    pieces = text[first:].split(f"</{prefix}si>") if first >= 0 else []
    general = re.compile(rf"<{prefix}si(?:\s[^>]*)?(?:/>|>(.*))", re.DOTALL)
    run = re.compile(rf"<{prefix}t(?:\s[^>]*)?(?:/>|>([^<]*)</{prefix}t\s*>)")
    phonetic = re.compile(rf"<{prefix}rPh\b.*?</{prefix}rPh\s*>", re.DOTALL)
    for piece in pieces:
        if piece.startswith(start) and piece.endswith(end):
            item = piece[from_:to]
            if "<" not in item:
                yield plain(newlines(item)) if "&" in item or "_x" in item or "\r" in item else item
                continue
        while match := general.search(piece):
            # Self-closed items stand before the one that ended this piece.
            whole, piece = (match[1], "") if match[1] is not None else ("", piece[match.end() :])
            yield plain(newlines("".join(run.findall(phonetic.sub("", whole)))))


def newlines(text: str) -> str:
    """XML reads any line end in a file as a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def inline_text(xml: str, prefix: str) -> str:
    """The text of an ``<is>`` element given as XML text."""
    xml = re.sub(rf"<{prefix}rPh\b.*?</{prefix}rPh\s*>", "", xml, flags=re.DOTALL)
    runs = re.findall(rf"<{prefix}t(?:\s[^>]*)?(?:/>|>([^<]*)</{prefix}t\s*>)", xml)
    return plain(newlines("".join(runs)))


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    if name.startswith("#x"):
        return chr(int(name[2:], 16))
    return chr(int(name[1:])) if name.startswith("#") else _NAMED.get(name, match[0])


def _item_text(item: Element) -> str:
    texts = []
    for child in item:
        if _local(child) == "t":
            texts.append(child.text or "")
        elif _local(child) == "r":
            texts.extend(part.text or "" for part in child if _local(part) == "t")
    return plain_tree("".join(texts))


def plain_tree(text: str) -> str:
    """As ``plain``, for text whose entities an XML parser has resolved already."""
    text = unescape(text) if "_x" in text else text
    return text.replace("\r\n", "\n") if "\r" in text else text


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
