"""Results go into a text file without changing any character of the user's."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgen.sheet import CellValue, Written, read_sheet, write_results
from batchgen.sheet.csv_patch import patch_csv
from tests.sheet.made import rows_of

COLUMNS = ("video_status", "video_note")


def fill(path: Path, cells: dict[int, dict[str, CellValue]], header_row: int = 1) -> Written:
    sheet = read_sheet(path, header_row=header_row)
    return write_results(
        path, path, tab=None, header_row=header_row, columns=COLUMNS, cells=cells, expect_digest=sheet.digest
    )


def filled(tmp_path: Path, content: str | bytes, cells: dict[int, dict[str, CellValue]]) -> bytes:
    path = tmp_path / "s.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    assert fill(path, cells) == Written(path)
    return path.read_bytes()


def test_results_are_appended_and_all_other_characters_stay(tmp_path: Path) -> None:
    before = 'id, name ,script\r\n007,"Ann ""A""", x \r\n\r\n8,Bob,"two\r\nlines"\r\n'
    after = filled(tmp_path, before, {2: {"video_status": "succeeded", "video_note": "a, b"}, 4: {}})
    assert after.decode() == (
        'id, name ,script,video_status,video_note\r\n007,"Ann ""A""", x ,succeeded,"a, b"\r\n\r\n'
        '8,Bob,"two\r\nlines",,\r\n'
    )


def test_on_the_next_run_the_columns_are_found_by_their_headers(tmp_path: Path) -> None:
    before = "Video Note,id,video_status\nold,1,pending\nmine,2,pending\n"
    after = filled(tmp_path, before, {2: {"video_status": "failed", "video_note": None}})
    assert after.decode() == "Video Note,id,video_status\n,1,failed\nmine,2,pending\n"


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_the_separator_is_kept(tmp_path: Path, separator: str) -> None:
    before = "id|a\n1|x\n".replace("|", separator)
    after = filled(tmp_path, before, {2: {"video_status": "done", "video_note": f"a{separator}b"}})
    expected = 'id|a|video_status|video_note\n1|x|done|"a|b"\n'
    assert after.decode() == expected.replace("|", separator)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encoding_and_byte_order_mark_are_kept(tmp_path: Path, encoding: str) -> None:
    after = filled(tmp_path, "id;name\r\n1;Jürgen Müller\r\n".encode(encoding), {2: {"video_note": "schön"}})
    assert after == "id;name;video_status;video_note\r\n1;Jürgen Müller;;schön\r\n".encode(encoding)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", ""])
def test_line_ends_and_a_missing_last_one_are_kept(tmp_path: Path, end: str) -> None:
    line = end or "\n"
    after = filled(tmp_path, f"id,a{line}1,x{end}", {2: {"video_status": "ok"}})
    assert after.decode() == f"id,a,video_status,video_note{line}1,x,ok,{end}"


def test_a_file_that_quotes_everything_gets_quoted_results(tmp_path: Path) -> None:
    after = filled(tmp_path, '"id","a"\n"1",""\n', {2: {"video_status": "ok"}})
    assert after.decode() == '"id","a","video_status","video_note"\n"1","","ok",""\n'


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_text_that_a_program_would_run_as_a_formula_is_defused(tmp_path: Path, text: str) -> None:
    filled(tmp_path, "id\n1\n", {2: {"video_status": "ok", "video_note": text}})
    assert rows_of(read_sheet(tmp_path / "s.csv")) == [("1", "ok", "'" + text)]


def test_numbers_and_moments_are_written_plainly(tmp_path: Path) -> None:
    after = filled(
        tmp_path, "id\n1\n", {2: {"video_status": -1.5, "video_note": datetime.fromisoformat("2026-11-22T09:05")}}
    )
    assert after.decode().splitlines()[1] == "1,-1.5,2026-11-22 09:05:00"


def test_rows_with_empty_cells_to_spare_never_push_results_aside(tmp_path: Path) -> None:
    filled(tmp_path, "id,a\n1,x,,\n2,y\n", {2: {"video_status": "ok"}, 3: {"video_status": "no"}})
    assert rows_of(read_sheet(tmp_path / "s.csv")) == [("1", "x", "ok", ""), ("2", "y", "no", "")]


def test_title_rows_above_the_header_stay_as_they_are(tmp_path: Path) -> None:
    (path := tmp_path / "s.csv").write_text("sep=;\nReport\n\nid;a\n1;x\n")
    fill(path, {4: {"video_status": "ok"}}, header_row=3)
    assert path.read_text() == "sep=;\nReport\n\nid;a;video_status;video_note\n1;x;ok;\n"


def test_results_that_the_encoding_cannot_hold_go_to_a_workbook_beside_it(tmp_path: Path) -> None:
    (path := tmp_path / "s.csv").write_bytes("id;name\n1;Jürgen Müller\n".encode("cp1252"))
    before = path.read_bytes()
    written = fill(path, {2: {"video_status": "ok", "video_note": "東京"}})
    assert written.path == tmp_path / "s.results.xlsx"
    assert written.reason == "s.csv was left as it is: Windows-1252 has no '東'."
    assert path.read_bytes() == before
    assert rows_of(read_sheet(written.path)) == [("2", "1", "Jürgen Müller", "ok", "東京")]


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=8)


@given(
    rows=st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=6),
    separator=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    notes=st.lists(TEXT, min_size=6, max_size=6),
)
def test_whatever_stands_in_a_file_comes_back_with_the_results_added(
    rows: list[list[str]], separator: str, end: str, quoting: int, notes: list[str]
) -> None:
    out = io.StringIO(newline="")
    if any(character in text for row in rows for text in row for character in "\r\n"):
        quoting = csv.QUOTE_ALL  # Python 3.11 quotes only the line end that it writes itself
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    out.write(f"sep={separator}{end}")
    writer.writerows([["id", "b", "c"], *rows])
    data = out.getvalue().encode()
    cells: dict[int, dict[str, CellValue]] = {n + 2: {"video_note": notes[n]} for n in range(len(rows))}
    patched = patch_csv(data, Path("s.csv"), header_row=1, columns=COLUMNS, cells=cells).decode()
    body = patched.partition(end)[2]
    found = list(csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True))
    assert [line[:3] for line in found[1:]] == rows
    for line, note in zip(found[1:], notes, strict=False):
        assert line[3] == ""
        assert line[4] in (note, "'" + note)
