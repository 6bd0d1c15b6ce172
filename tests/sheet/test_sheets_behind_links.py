"""A sheet behind a link is fetched into a local copy; whatever else the link gives is named."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path

import pytest

from batchgen.errors import SheetInvalid
from batchgen.sheet import fetch_sheet, read_sheet
from batchgen.sheet.remote import MOST_BYTES
from tests.sheet.made import rows_of
from tests.sheet.web import Page, web

SHEET = "id,name\r\n007,Zoë\r\n".encode()


def refused(page: Page, copy: Path, **more: Page) -> str:
    with web(sheet=page, **more) as served, pytest.raises(SheetInvalid) as error:
        fetch_sheet(f"{served.url}/sheet?output=csv", copy)
    return str(error.value)


def test_the_sheet_is_fetched_and_read(tmp_path: Path) -> None:
    copy = tmp_path / "state" / "copy.csv"
    with web(sheet=Page(body=SHEET)) as served:
        fetch_sheet(f"{served.url}/sheet?output=csv&gid=0", copy)
    assert copy.read_bytes() == SHEET
    assert rows_of(read_sheet(copy)) == [("007", "Zoë")]
    assert served.asked[0][0] == "/sheet?output=csv&gid=0"


def test_no_key_goes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", "the-secret-key")
    with web(sheet=Page(body=SHEET)) as served:
        fetch_sheet(f"{served.url}/sheet", tmp_path / "copy.csv")
    assert "the-secret-key" not in str(served.asked)


def test_an_equal_copy_is_left_alone_and_another_one_is_replaced(tmp_path: Path) -> None:
    copy = tmp_path / "copy.csv"
    with web(sheet=Page(body=SHEET)) as served:
        fetch_sheet(f"{served.url}/sheet", copy)
        first = copy.stat().st_ino
        fetch_sheet(f"{served.url}/sheet", copy)
        assert copy.stat().st_ino == first
        served.pages["/sheet"] = Page(body=SHEET + b"008,Ben\r\n")
        fetch_sheet(f"{served.url}/sheet", copy)
    assert len(read_sheet(copy).rows) == 2


def test_a_compressed_answer_is_unpacked(tmp_path: Path) -> None:
    page = Page(body=gzip.compress(SHEET), headers={"Content-Encoding": "gzip"})
    with web(sheet=page) as served:
        fetch_sheet(f"{served.url}/sheet", tmp_path / "copy.csv")
    assert (tmp_path / "copy.csv").read_bytes() == SHEET


def test_redirects_are_followed_five_times_and_no_more(tmp_path: Path) -> None:
    hops = {f"hop{number}": Page(status=307, headers={"Location": f"hop{number + 1}"}) for number in range(6)}
    with web(**hops, hop6=Page(body=SHEET)) as served:
        fetch_sheet(f"{served.url}/hop1", tmp_path / "copy.csv")
        with pytest.raises(SheetInvalid, match="redirects more than 5 times"):
            fetch_sheet(f"{served.url}/hop0", tmp_path / "other.csv")
    assert (tmp_path / "copy.csv").read_bytes() == SHEET
    assert not (tmp_path / "other.csv").exists()


@pytest.mark.parametrize("target", ["http://example.com/sheet", "file:///etc/passwd", "ftp://example.com/x"])
def test_a_redirect_away_from_https_is_not_followed(tmp_path: Path, target: str) -> None:
    said = refused(Page(status=302, headers={"Location": target}), tmp_path / "copy.csv")
    assert "which is not https" in said


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page(body=b"\n<!DOCTYPE html><html>Sign in</html>"), "is a web page: publish the sheet as CSV"),
        (Page(body=b"PK\x03\x04..."), "gives a workbook, not CSV"),
        (Page(), "gives an empty file"),
        (Page(status=404, body=b"<html>"), "answers HTTP 404. Is it still published"),
        (Page(status=403), "answers HTTP 403. Is it still published"),
        (Page(status=503), "answers HTTP 503. Try again later"),
        (Page(body=bytes(MOST_BYTES + 1)), "is larger than 50 MB"),
        (Page(body=b"no gzip", headers={"Content-Encoding": "gzip"}), "cannot be fetched"),
    ],
    ids=["web page", "workbook", "empty", "gone", "private", "busy", "large", "garbled"],
)
def test_what_is_no_sheet_is_named_and_the_last_copy_stays(tmp_path: Path, page: Page, said: str) -> None:
    (copy := tmp_path / "copy.csv").write_bytes(SHEET)
    assert said in refused(page, copy)
    assert copy.read_bytes() == SHEET


def test_a_bomb_is_not_unpacked_whole(tmp_path: Path) -> None:
    page = Page(body=gzip.compress(bytes(MOST_BYTES * 4), 1), headers={"Content-Encoding": "gzip"})
    assert "is larger than 50 MB" in refused(page, tmp_path / "copy.csv")


def test_no_network_is_a_plain_word(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SheetInvalid, match=r"cannot be fetched: .*Check the network"):
        fetch_sheet(f"http://127.0.0.1:{port}/sheet", tmp_path / "copy.csv")
