"""A hostile file takes no more memory than an honest one of its size, whatever it claims to hold."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sheet.made import MAIN, OFFICE, package, text_row, worksheet
from tests.sheet.test_reading_ods import cell, ods, row

READ = """
import sys
from pathlib import Path
from batchgen.errors import SheetInvalid
from batchgen.sheet import read_sheet
try:
    print(len(read_sheet(Path(sys.argv[1])).rows), "rows")
except SheetInvalid as error:
    print("refused:", error)
print(Path("/proc/self/status").read_text())
"""
ROWS = text_row(1, "id") + text_row(2, "1")
MOST_MB = 32
"""More than reading two honest rows takes; each of these files claims far more."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by /proc")


def reading(path: Path) -> tuple[str, float]:
    """What came of reading the file in a process of its own, and that process's peak in MB."""
    run = subprocess.run([sys.executable, "-c", READ, str(path)], check=True, capture_output=True, text=True)
    peak = re.search(r"VmHWM:\s+(\d+)", run.stdout)
    assert peak is not None
    return run.stdout.splitlines()[0], int(peak[1]) / 1024


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> float:
    """The peak for an honest sheet of two rows."""
    said, peak = reading(package(tmp_path_factory.mktemp("honest") / "s.xlsx", worksheet(ROWS)))
    assert said == "1 rows"
    return peak


def zip_bomb(path: Path) -> None:
    package(path, worksheet(ROWS).encode() + b" " * 200_000_000)


def many_bombs(path: Path) -> None:
    package(path, worksheet(ROWS), parts={f"xl/media/{n}.bin": bytes(50_000_000) for n in range(4)})


def billion_laughs(path: Path) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'
    package(path, worksheet(ROWS.replace(">1<", ">&l9;<")).replace("<worksheet", doctype + "<worksheet"))


def laughs_among_shared_texts(path: Path) -> None:
    shared = f'<!DOCTYPE x [<!ENTITY a "{"ha" * 100_000}">]><sst xmlns="{MAIN}"><si><t>{"&a;" * 5_000}</t></si></sst>'
    package(path, worksheet(text_row(1, "id") + '<row r="2"><c r="A2" t="s"><v>0</v></c></row>'), shared=shared)


def ten_million_rows_claimed(path: Path) -> None:
    package(path, worksheet(ROWS, before='<dimension ref="A1:XFD10000000"/>'))


def a_row_far_below(path: Path) -> None:
    package(path, worksheet(ROWS + text_row(1_048_576, "last")))


def a_row_that_cannot_exist(path: Path) -> None:
    package(path, worksheet(ROWS + text_row(10_000_000, "last")))


def a_merge_of_everything(path: Path) -> None:
    package(path, worksheet(ROWS, after='<mergeCells><mergeCell ref="B3:XFD1048576"/></mergeCells>'))


def links_to_the_outside(path: Path) -> None:
    outside = (
        f'<Relationship Id="rId1" Type="{OFFICE}/externalLinkPath" Target="file:///dev/zero" TargetMode="External"/>'
    )
    book = f'<externalLink xmlns="{MAIN}"><externalBook r:id="rId1" xmlns:r="{OFFICE}"/></externalLink>'
    rels = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{outside}</Relationships>'
    )
    parts = {"xl/externalLinks/externalLink1.xml": book, "xl/externalLinks/_rels/externalLink1.xml.rels": rels}
    package(path, worksheet(ROWS), parts=parts, sheet_links=outside)


def repeated_rows_in_an_ods(path: Path) -> None:
    repeated = row(cell("x")).replace("<table:table-row", '<table:table-row table:number-rows-repeated="10000000"', 1)
    ods(path, row(cell("id")) + repeated)


def a_bomb_of_an_ods(path: Path) -> None:
    ods(path, row(cell("id")) + row(cell("1")))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Pictures/x.bin", bytes(100_000_000))


@pytest.mark.parametrize(
    ("make", "outcome"),
    [
        (zip_bomb, "refused: .* would grow to 0.2 GB"),
        (many_bombs, "1 rows"),
        (billion_laughs, "refused: .* is damaged"),
        (laughs_among_shared_texts, "refused: .* not readable XML"),
        (ten_million_rows_claimed, "1 rows"),
        (a_row_far_below, "2 rows"),
        (a_row_that_cannot_exist, "refused: .* is damaged"),
        (a_merge_of_everything, "1 rows"),
        (links_to_the_outside, "1 rows"),
        (repeated_rows_in_an_ods, "refused: .* repeats one row 10,000,000 times"),
        (a_bomb_of_an_ods, "1 rows"),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_reading_it_stays_small(tmp_path: Path, honest: float, make: Callable[[Path], None], outcome: str) -> None:
    make(path := tmp_path / ("s.ods" if "ods" in make.__name__ else "s.xlsx"))
    said, peak = reading(path)
    assert re.match(outcome, said)
    assert peak < honest + MOST_MB
