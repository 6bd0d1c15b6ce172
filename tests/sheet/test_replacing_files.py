"""The user's file is replaced whole or not at all, and never behind their back."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from batchgen.errors import SheetChanged, SheetNotWritten
from batchgen.sheet import Sheet, read_sheet, write_extract, write_results

CONTENT = "id,a\n1,x\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (path := tmp_path / "s.csv").write_text(CONTENT)
    return path


def fill(path: Path, sheet: Sheet | None = None, *, target: Path | None = None, status: str = "ok") -> None:
    sheet = sheet or read_sheet(path)
    cells = {2: {"video_status": status}}
    write_results(
        path, target or path, tab=None, header_row=1, columns=["video_status"], cells=cells, expect_digest=sheet.digest
    )


def file_of(path: Path) -> tuple[int, int]:
    """Another one after every write."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns


def test_a_file_that_changed_since_it_was_read_is_not_written(path: Path) -> None:
    sheet = read_sheet(path)
    path.write_text("id,a\n1,edited\n")
    with pytest.raises(SheetChanged, match="changed since it was read"):
        fill(path, sheet)
    assert path.read_text() == "id,a\n1,edited\n"


def test_a_deleted_file_is_not_brought_back(path: Path) -> None:
    sheet = read_sheet(path)
    path.unlink()
    with pytest.raises(SheetChanged, match="moved, deleted or locked"):
        fill(path, sheet)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("lock", "content", "said"),
    [
        ("~$s.csv", b"\x04Anna" + b" " * 50, "open in Excel by Anna"),
        (".~lock.s.csv#", b"Bob Miller,bob,laptop,22.11.2026 10:00,file:///x;", "open in LibreOffice by Bob Miller"),
    ],
)
def test_a_file_that_is_open_elsewhere_is_not_written(path: Path, lock: str, content: bytes, said: str) -> None:
    (path.parent / lock).write_bytes(content)
    with pytest.raises(SheetNotWritten, match=said):
        fill(path)
    assert path.read_text() == CONTENT


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("lock", [None, "~$people{}", ".~lock.people{}#"], ids=["closed", "in Excel", "in LibreOffice"])
def test_a_file_that_holds_the_results_already_is_not_touched(tmp_path: Path, suffix: str, lock: str | None) -> None:
    write_extract(path := tmp_path / f"people{suffix}", ["id", "a"], [["1", "x"]])
    fill(path)
    before = file_of(path)
    if lock:
        (tmp_path / lock.format(suffix)).write_bytes(b"\x04Anna" + b" " * 50)
    fill(path)
    assert file_of(path) == before
    if lock:
        with pytest.raises(SheetNotWritten, match="it is open in"):
            fill(path, status="other")


def test_the_file_as_it_was_is_kept_once(path: Path) -> None:
    fill(path)
    fill(path, status="again")
    assert path.with_name("s.csv.bak").read_text() == CONTENT
    assert path.read_text() == "id,a,video_status\n1,x,again\n"


def test_a_copy_elsewhere_leaves_the_source_alone_and_needs_no_backup(path: Path) -> None:
    target = path.with_name("s.simulated.csv")
    fill(path, target=target)
    assert path.read_text() == CONTENT
    assert target.read_text() == "id,a,video_status\n1,x,ok\n"
    assert sorted(child.name for child in path.parent.iterdir()) == ["s.csv", "s.simulated.csv"]


def test_rights_of_the_file_are_kept(path: Path) -> None:
    path.chmod(0o640)
    fill(path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_symbolic_link_stays_one_and_its_target_is_written(path: Path) -> None:
    link = path.with_name("link.csv")
    link.symlink_to(path)
    fill(link)
    assert link.is_symlink()
    assert path.read_text() == "id,a,video_status\n1,x,ok\n"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_a_failing_disk_leaves_the_old_file_and_no_rubbish(
    path: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    sheet = read_sheet(path)
    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(SheetNotWritten):
        fill(path, sheet)
    assert [child.name for child in path.parent.iterdir()] == ["s.csv"]
    assert path.read_text() == CONTENT


def test_a_full_disk_is_called_full(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    (path := tmp_path / "s.csv").write_text(CONTENT)
    sheet = read_sheet(path)
    shutil.copy(path, tmp_path / "copy.csv")
    with pytest.raises(SheetNotWritten, match="disk is full"):
        from batchgen.sheet.replace_file import replacing

        with replacing(tmp_path / "copy.csv", before_rename=lambda: None), full.open("wb", buffering=0) as device:
            device.write(b"x")
    assert read_sheet(tmp_path / "copy.csv").digest == sheet.digest


def test_part_files_of_a_killed_process_are_swept_away_after_an_hour(path: Path) -> None:
    old, young = path.with_name(".s.csv.abc.part"), path.with_name(".s.csv.def.part")
    for part in (old, young):
        part.touch()
    os.utime(old, (0, 0))
    fill(path)
    assert not old.exists()
    assert young.exists()


def test_a_workbook_of_the_persons_own_beside_the_sheet_is_never_overwritten(tmp_path: Path) -> None:
    """``<stem>.results.xlsx`` is written anew only when it has a result column, so when batchgen made it."""
    path, own = tmp_path / "s.csv", tmp_path / "s.results.xlsx"
    path.write_bytes("id,a\n1,\u00fc\n".encode("cp1252"))
    write_extract(own, ["survey", "answer"], [["1", "yes"]])
    before = own.read_bytes()
    with pytest.raises(SheetNotWritten, match="batchgen did not make") as refused:
        fill(path, status="\u5b8c")
    assert refused.value.path == own
    assert own.read_bytes() == before
    own.unlink()
    for status in ("\u5b8c", "\u6210"):
        fill(path, status=status)
        assert read_sheet(own).rows[0].cells[-1] == status
