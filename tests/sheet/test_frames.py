"""Python users bring a DataFrame and take one home."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime

import pandas
import pytest

from batchgen.errors import SheetInvalid
from batchgen.sheet.frame import results_frame, sheet_from_frame


def test_a_frame_becomes_texts_as_a_person_would_type_them() -> None:
    frame = pandas.DataFrame(
        {
            "id": ["007", "8"],
            "count": [5.0, None],
            "price": [1.25, 2.0],
            "day": [datetime.fromisoformat("2026-11-22"), datetime.fromisoformat("2026-11-22T09:05")],
            "flag": [True, False],
            3: [None, "x"],
        }
    )
    sheet = sheet_from_frame(frame, "frame")
    assert sheet.headers == ("id", "count", "price", "day", "flag", "3")
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (2, ("007", "5", "1.25", "2026-11-22", "TRUE", "")),
        (3, ("8", "", "2", "2026-11-22 09:05:00", "FALSE", "x")),
    ]


def test_an_index_with_a_name_is_a_column_and_one_without_is_not() -> None:
    frame = pandas.DataFrame({"name": ["Anna", "Ben"]}, index=pandas.Index([7, 8], name="customer_id"))
    sheet = sheet_from_frame(frame, "f")
    assert sheet.headers == ("customer_id", "name")
    assert [row.cells for row in sheet.rows] == [("7", "Anna"), ("8", "Ben")]
    assert list(frame.columns) == ["name"]
    counted = frame.reset_index()
    assert sheet_from_frame(counted, "f").headers == ("customer_id", "name")
    assert sheet_from_frame(counted.set_index("customer_id", drop=False), "f").headers == ("customer_id", "name")


def test_equal_frames_have_equal_digests_and_others_do_not() -> None:
    frames = [pandas.DataFrame({"id": [value]}) for value in ("a", "a", "b")]
    first, same, other = (sheet_from_frame(frame, "f").digest for frame in frames)
    assert first == same != other


@pytest.mark.parametrize("frame", [pandas.DataFrame(), pandas.DataFrame({"id": []})])
def test_an_empty_frame_is_a_problem(frame: pandas.DataFrame) -> None:
    with pytest.raises(SheetInvalid):
        sheet_from_frame(frame, "f")


def test_results_come_back_beside_the_rows_own_columns() -> None:
    sheet = sheet_from_frame(pandas.DataFrame({"id": ["1", "2"], "Video Status": ["old", "old"]}), "f")
    results = results_frame(sheet, ["video_status"], {2: {"video_status": "succeeded"}})
    assert list(results.columns) == ["id", "video_status"]
    assert results.loc[2, "video_status"] == "succeeded"
    assert results["video_status"].isna().tolist() == [False, True]


def test_importing_the_room_loads_no_spreadsheet_library() -> None:
    code = (
        "import sys, batchgen.sheet, batchgen.sheet.frame\n"
        "heavy = {'pandas', 'numpy', 'openpyxl', 'python_calamine', 'charset_normalizer', 'lxml'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
