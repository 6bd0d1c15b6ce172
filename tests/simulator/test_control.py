from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import urllib.error
from pathlib import Path

import httpx
import pytest

from batchgen.simulator import Simulator, control
from batchgen.simulator.faults import FaultsInvalid
from tests.simulator.calls import LONG_ENOUGH_S, client_of, create, created_id, read


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_control_endpoints_want_the_token_of_the_state_folder(
    simulator: Simulator, api: httpx.Client, token: str | None
) -> None:
    headers = {} if token is None else {"X-Simulator-Token": token}
    for method, endpoint in (
        ("GET", "log"),
        ("PUT", "faults"),
        ("PUT", "client"),
        ("PUT", "clock"),
        ("PUT", "release"),
    ):
        assert api.request(method, f"/simulator/{endpoint}", headers=headers).status_code == 403
    assert (simulator.state / "token").read_text() == simulator.token
    assert (simulator.state / "token").stat().st_mode & 0o077 == 0


def test_the_log_tells_of_every_create_what_arrived(simulator: Simulator, api: httpx.Client) -> None:
    answer = create(api, key="k", title="Row 7")
    body = answer.request.content
    (call,) = simulator.log()["creates"]
    assert call["key"] == "k"
    assert call["title"] == "Row 7"
    assert call["body_sha256"] == hashlib.sha256(body).hexdigest()
    assert call["video_id"] == answer.json()["data"]["video_id"]
    assert (call["accepted"], call["replayed"], call["status"], call["fault"]) == (True, False, 200, None)


def test_the_log_counts_calls_by_route(simulator: Simulator, api: httpx.Client) -> None:
    video_id = created_id(api)
    for _ in range(3):
        read(api, video_id)
    assert simulator.log()["routes"] == {"GET /v3/videos/{video_id}": 3, "POST /v3/videos": 1}


def test_the_log_knows_how_many_renders_were_under_way_at_once(simulator: Simulator, api: httpx.Client) -> None:
    for _ in range(3):
        created_id(api)
    simulator.advance(LONG_ENOUGH_S)
    created_id(api)
    assert simulator.log()["max_concurrent_renders"] == 3


def test_the_clock_runs_on_while_the_simulator_is_down(tmp_path: Path) -> None:
    with Simulator(state=tmp_path, clock_speed=1e9) as simulator, client_of(simulator.url) as api:
        video_id = created_id(api)
    with Simulator(state=tmp_path, clock_speed=1e-6) as simulator, client_of(simulator.url) as api:
        assert read(api, video_id)["status"] == "completed"


def test_the_clock_can_be_told_another_speed(simulator: Simulator) -> None:
    clock = control(simulator.url, simulator.token, "PUT", "clock", {"speed": 50})
    assert clock["speed"] == 50


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("faults", {"fault": [{"on": "nothing", "action": "drop"}]}),
        ("clock", {"advance_s": -1}),
        ("clock", {"forward": 1}),
        ("client", {"pid": 0}),
        ("client", {"pid": "1"}),
        ("client", {"pid": 2**40}),
    ],
)
def test_control_endpoints_refuse_what_makes_no_sense(simulator: Simulator, endpoint: str, body: object) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        control(simulator.url, simulator.token, "PUT", endpoint, body)


def test_a_live_process_can_be_registered_and_forgotten(simulator: Simulator) -> None:
    simulator.register_client(os.getpid())
    simulator.register_client(None)


def test_a_bad_fault_file_stops_the_start_and_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "faults.toml"
    file.write_text('[[fault]]\non = "create"\naction = "explode"\n')
    with pytest.raises(FaultsInvalid, match="explode"):
        Simulator(state=tmp_path / "state", faults=file).start()
    assert not (tmp_path / "state").exists()


def test_a_port_that_is_taken_is_an_error(simulator: Simulator, tmp_path: Path) -> None:
    port = int(simulator.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        Simulator(state=tmp_path / "other", port=port).start()


def test_stopping_lets_held_answers_go(tmp_path: Path) -> None:
    with Simulator(state=tmp_path) as simulator, client_of(simulator.url) as api:
        simulator.set_faults([{"on": "me", "action": "delay"}])
        with pytest.raises(httpx.ReadTimeout):
            api.get("/v3/users/me", timeout=0.1)
        simulator.stop()
        simulator.stop()
        with pytest.raises(RuntimeError, match="not running"):
            _ = simulator.url


def test_importing_the_simulator_loads_nothing_heavy() -> None:
    heavy = ("uvicorn", "starlette", "av", "PIL", "orjson", "asyncio")
    code = f"import batchgen.simulator, sys; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_first_picture_loads_the_encoders_not_the_start() -> None:
    code = (
        "import sys, tempfile, pathlib; from batchgen.simulator import Simulator\n"
        "with Simulator(state=pathlib.Path(tempfile.mkdtemp())): print([n for n in ('av', 'PIL') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
