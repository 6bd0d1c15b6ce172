"""The HTML of a row, for mail merges: a template in which no cell can become markup.

Values are escaped as they are put in, which holds in texts and within quotes. So a template that puts a value
anywhere else is refused, once, and addresses are looked at in every row.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

from batchgen.job import DOWNLOADS
from batchgen.row import HeaderMap
from batchgen.sheet import SheetRow
from batchgen.template import Template, TemplateProblem, Templates, markup_of

SNIPPET_NAMES = ("page", *DOWNLOADS, "title", "id", "seconds")
"""What batchgen knows of a finished video: its page, its files (as links), its title, its row's id, its length."""

LONGEST = 32_767
"""Characters that a cell of a workbook holds: half a snippet is none."""

_PROBE = "zqx zqx=zqx"
"""What no template says itself: where it turns up, a cell could, and its space and sign tell quotes from none."""
_MARK = "zqx"
_RAW = ("script", "style", "xmp", "iframe", "noscript", "noembed", "plaintext")
_ADDRESS = re.compile(
    r"""\b(href|src|action|formaction|poster|background|cite|data)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_HARMLESS = frozenset({"https", "http", "mailto", "tel", "cid"})
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0]")  # browsers read past these in a scheme


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """The template of ``[output] html``, checked; rendered with the cells of a row and what came back for it."""

    template: Template
    _templates: Templates
    _headers: HeaderMap

    @classmethod
    def compiled(cls, text: str, headers: HeaderMap) -> Snippet:
        """Raises TemplateProblem for what is no template, and for one that lets a cell become markup."""
        columns = [*headers.values, *headers.shared]
        templates = Templates(columns, results=headers.results, say=markup_of)
        template = templates.compile(text, more=SNIPPET_NAMES)
        probe = _Probe()
        probe.feed(templates.outline(text, _PROBE))
        probe.close()
        return cls(template=template, _templates=templates, _headers=headers)

    @property
    def placeholders(self) -> frozenset[str]:
        """The columns, and `SNIPPET_NAMES`, that it uses."""
        return self.template.placeholders

    @property
    def needs_cells(self) -> bool:
        """Whether it says anything about the row that only the sheet knows."""
        return not self.template.placeholders <= frozenset(SNIPPET_NAMES)

    def html(self, row: SheetRow | None, known: Mapping[str, str]) -> str:
        """The row's HTML; ``known`` maps `SNIPPET_NAMES` to texts, empty for what there is not.

        Raises TemplateProblem, also when it would show a broken picture or lead nowhere.
        """
        html = self.template.render(self._templates.row({**self._cells(row), **known})).strip()
        if len(html) > LONGEST:
            raise TemplateProblem(f"it makes more than the {LONGEST:,} characters that a cell can hold.")
        _check_addresses(html)
        return html

    def _cells(self, row: SheetRow | None) -> dict[str, str]:
        if row is None:
            return {}
        places = self._headers.values
        return {name: row.cells[places[name]].strip() for name in self.template.placeholders & places.keys()}


def sample_values(download: Collection[str], *, title: str, row_id: str) -> dict[str, str]:
    """Values as a finished video of the row will have them."""
    files = {kind: f"videos/{kind}" if kind in download else "" for kind in DOWNLOADS}
    return files | {"page": "https://example.com/video", "title": title, "id": row_id, "seconds": "10.5"}


class _Probe(HTMLParser):
    """Raises TemplateProblem where the mark stands in a place that escaping does not make safe."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._raw = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if _MARK in tag or any(_MARK in name for name, _ in attrs):
            raise TemplateProblem(
                "a placeholder within a tag stands outside of quotes.", 'Write it like alt="{{ title }}".'
            )
        for name, value in attrs:
            if (name.startswith("on") or name in ("style", "srcdoc", "srcset")) and _MARK in (value or ""):
                raise TemplateProblem(f"placeholders cannot stand in {name}.", "Put them into texts, alt, href or src.")

        self._raw = tag if tag in _RAW else ""

    def handle_endtag(self, tag: str) -> None:
        self._raw = ""

    def handle_data(self, data: str) -> None:
        if self._raw and _MARK in data:
            raise TemplateProblem(f"placeholders cannot stand in <{self._raw}>.", "Put them into a text.")
        if not self._raw and "<" in data:
            raise TemplateProblem("a tag has no end.", "Close it with >; for the sign itself write &lt;.")


def _check_addresses(html: str) -> None:
    for found in _ADDRESS.finditer(html):
        address = _UNSEEN.sub("", unescape(found[2] or found[3] or ""))
        if not address:
            hint = "Fetch what it is to show ([output] download), or leave the tag out with {% if %}."
            raise TemplateProblem(f"{found[1]} is empty.", hint)
        scheme = _SCHEME.match(address)
        if scheme and scheme[1].lower() not in _HARMLESS:
            raise TemplateProblem(f"{found[1]} leads to {scheme[1]}:, which is no web address.", "Write https://.")
