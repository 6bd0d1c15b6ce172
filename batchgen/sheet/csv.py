"""Read .csv and .tsv as the person's program would, whatever separator and encoding they came in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from batchgen.errors import Problem, SheetInvalid
from batchgen.sheet.columns import below_headers, trimmed
from batchgen.sheet.encoding import Encoding, decode
from batchgen.sheet.sheet import CellFault, Sheet, SheetRow
from batchgen.sheet.trouble import empty_header, no_rows, refusal

_SEPARATORS = ",;\t|"
_SEP_LINE = re.compile(r"sep=(.)(?:\r\n|\r|\n)", re.IGNORECASE)
"""A first line that tells Excel the separator; Excel does not show it as a row."""
_SAMPLE = 1 << 16
"""Characters that are looked at to find the separator."""
_CLOSE_QUOTE = 'Close the quote; a quote inside a quoted cell is written twice ("").'


@dataclass(frozen=True, slots=True)
class TextSheet:
    """A text file taken apart: its characters, how they were stored, and how they split into cells."""

    text: str
    encoding: Encoding
    separator: str
    preamble: str

    @property
    def body(self) -> str:
        """The text without the ``sep=`` line."""
        return self.text[len(self.preamble) :]


def read_csv(data: bytes, path: Path, *, header_row: int, digest: str) -> Sheet:
    """The rows of a text file. Raises SheetInvalid."""
    sheet = open_text(data, path)
    headers: tuple[str, ...] | None = None
    rows: list[SheetRow] = []
    first_filled: int | None = None
    width = filled = 0
    for number, (line, cells) in enumerate(_records(data, sheet, path), start=1):
        if number > header_row and headers:
            if len(cells) == width or any(cells):
                row = _row(number, line, cells, width, filled)
                if row is not None:
                    rows.append(row)
        elif number == header_row:
            headers, width = trimmed(cells), len(cells)
            filled = len(headers)
        elif number > header_row and any(cells):
            first_filled = number
            break
    rows = below_headers(headers or (), rows)
    problems = _problems(path, headers, rows, header_row, first_filled)
    if problems:
        raise SheetInvalid(problems)
    return Sheet(path, None, header_row, headers or (), rows, digest, tuple(_notes(sheet.encoding)))


def open_text(data: bytes, path: Path) -> TextSheet:
    """Decode a text file and find its separator."""
    text, encoding = decode(data, path.name)
    told = _SEP_LINE.match(text)
    if told:
        return TextSheet(text, encoding, told[1], told[0])
    return TextSheet(text, encoding, find_separator(text, path), "")


def find_separator(text: str, path: Path) -> str:
    """The separator that splits the first lines into the most even table of at least two columns."""
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    preferred = "\t" + _SEPARATORS if path.suffix.lower() == ".tsv" else _SEPARATORS
    return max(preferred, key=lambda separator: _evenness(sample, separator))


def _evenness(sample: str, separator: str) -> tuple[float, int]:
    """How many of the lines are as wide as the widest common width, and that width."""
    try:
        widths = [len(cells) for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=separator) if cells]
    except csv.Error:
        return (0.0, 0)
    counts = {width: widths.count(width) for width in set(widths) if width > 1}
    if not counts:
        return (0.0, 0)
    width = max(counts, key=lambda width: (counts[width], width))
    return (counts[width] / len(widths), width)


def _records(data: bytes, sheet: TextSheet, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each record's first line in the file, and its cells; blank lines are records without cells."""
    # Decoded anew by the line: a StringIO would take four bytes for every character of the file.
    stream = io.BytesIO(data)
    stream.seek(len(sheet.encoding.encode(sheet.preamble)))
    lines = io.TextIOWrapper(stream, sheet.encoding.codec, newline="")
    reader = csv.reader(lines, delimiter=sheet.separator, strict=True)
    line = 1 + bool(sheet.preamble)
    offset = line
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise refusal(
                f"{path.name}: the quotes of the record that begins in line {line} do not match ({error}).",
                _CLOSE_QUOTE,
            ) from error
        yield line, cells
        line = reader.line_num + offset


def _row(number: int, line: int, cells: list[str], width: int, filled: int) -> SheetRow | None:
    if len(cells) != width and (fault := _ragged(line, cells, width, filled)):
        kept = (*cells[:filled], *[""] * (filled - len(cells)))
        return SheetRow(number, kept, (fault,))
    row = tuple(cells) if len(cells) == filled else (*cells[:filled], *[""] * (filled - len(cells)))
    return SheetRow(number, row) if any(row) else None


def _ragged(line: int, cells: list[str], width: int, filled: int) -> CellFault | None:
    if len(cells) < filled:
        counted = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
        message = f"Line {line} of the file ends after {counted}, but there are {filled} columns."
        return CellFault(len(cells), "", message, "Is a separator or a quote missing? Add empty cells to the end.")
    surplus = cells[max(filled, width) :]
    if any(surplus):
        message = f"Line {line} of the file has {len(cells)} cells, but there are only {width} columns."
        return CellFault(filled - 1, "", message, "Put cells that hold the separator into quotes.")
    return None


def _problems(
    path: Path, headers: tuple[str, ...] | None, rows: list[SheetRow], header_row: int, first_filled: int | None
) -> list[Problem]:
    if not headers:
        return [empty_header(header_row, first_filled)]
    return [] if rows else [no_rows(path)]


def _notes(encoding: Encoding) -> Iterator[str]:
    if encoding.guessed:
        yield (
            f"The file is not UTF-8; it was read as {encoding.name}. "
            'If letters look wrong, save it as "CSV UTF-8" and run again.'
        )
