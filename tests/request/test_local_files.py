"""Paths in requests of every kind: what a file is for is told by where it stands, and what a scene is by its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from batchgen.media import MediaFolders, content_reference
from batchgen.request import RequestInvalid, check
from batchgen.request.local_files import LocalFiles
from tests.media.made import picture, recording
from tests.request.requests import AVATAR, IMAGE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    picture(tmp_path / "a.png")
    recording(tmp_path / "a.wav")
    return tmp_path


def sent(folder: Path, fields: dict[str, Any]) -> dict[str, Any]:
    """What goes out once the files are uploaded as ``asset of <name>``."""
    files = LocalFiles(MediaFolders(folder=folder))
    request = check(fields, files=files)
    assert request.digests == files.by_digest.keys()
    body: dict[str, Any] = orjson.loads(
        request.body(assets={digest: f"asset of {file.path.name}" for digest, file in files.by_digest.items()})
    )
    return body


def test_a_recording_is_one_field_however_it_is_given(folder: Path) -> None:
    silent = {name: part for name, part in AVATAR.items() if name != "script"}
    assert sent(folder, silent | {"audio": "a.wav"})["audio_asset_id"] == "asset of a.wav"
    assert sent(folder, silent | {"audio": "https://example.com/a.mp3"})["audio_url"] == "https://example.com/a.mp3"
    assert sent(folder, silent | {"audio": "as_1"})["audio_asset_id"] == "as_1"


def test_the_fingerprint_holds_the_content_and_never_the_path(folder: Path) -> None:
    picture(folder / "other" / "b.png")
    requests = [
        check(IMAGE | {"image": path}, files=LocalFiles(MediaFolders(folder=folder)))
        for path in ("a.png", "other/b.png")
    ]
    assert requests[0].stored == requests[1].stored
    assert b"a.png" not in requests[0].stored


def test_a_scene_is_what_its_file_is(folder: Path) -> None:
    scenes = sent(folder, {"type": "studio", "scenes": [{"source": "a.png"}]})["scenes"]
    assert scenes == [{"type": "image", "source": {"type": "asset_id", "asset_id": "asset of a.png"}}]


def test_a_variable_of_a_template_is_what_its_file_is(folder: Path) -> None:
    variables = {"logo": {"asset": "a.png"}, "tune": {"asset": "a.wav"}}
    body = sent(folder, {"template_id": "t1", "variables": variables})
    assert {name: part["type"] for name, part in body["variables"].items()} == {"logo": "image", "tune": "audio"}


def test_references_may_be_files(folder: Path) -> None:
    fields = {"type": "cinematic_avatar", "avatar_id": "a1", "prompt": "They meet.", "references": "a.png as_1"}
    assert [one["asset_id"] for one in sent(folder, fields)["references"]] == ["asset of a.png", "as_1"]


def test_a_text_that_reads_like_a_digest_stays_a_text(folder: Path) -> None:
    digest = content_reference("0" * 64)
    assert sent(folder, AVATAR | {"script": digest, "background": "a.png"})["script"] == digest


def test_a_digest_typed_by_a_person_is_no_asset_id(folder: Path) -> None:
    with pytest.raises(RequestInvalid, match="Give the path of the file"):
        sent(folder, IMAGE | {"image": content_reference("0" * 64)})


def test_the_name_of_a_folder_is_no_asset_id(folder: Path) -> None:
    (folder / "photos").mkdir()
    with pytest.raises(RequestInvalid, match='"photos" is a folder'):
        check(IMAGE | {"image": "photos"}, files=LocalFiles(MediaFolders(folder=folder)))


@pytest.mark.parametrize("text", ["as_1", "x" * 5000])
def test_what_names_nothing_in_the_job_s_folder_is_an_asset_id(folder: Path, text: str) -> None:
    assert sent(folder, IMAGE | {"image": text})["image"]["asset_id"] == text


def test_a_file_of_the_wrong_kind_is_told_where_it_stands(folder: Path) -> None:
    with pytest.raises(RequestInvalid) as refused:
        sent(folder, IMAGE | {"image": "a.wav", "background": "gone.png"})
    assert {problem.path for problem in refused.value.problems} == {"image.asset_id", "background.asset_id"}
