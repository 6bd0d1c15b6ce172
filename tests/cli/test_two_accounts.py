"""Two accounts of one provider: keys and videos of the one mean nothing in the other; no row is paid in both."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from batchgen.cli import running
from tests.batchgen_process import Ended, ProviderLog, ProviderProcess, batchgen, log_of
from tests.cli.in_process import batchgen_here
from tests.cli.small_job import SmallJob

ANSWERS_LOST = {"on": "create", "action": "accept_then_drop"}
SLOW = {"on": "render", "action": "slow", "seconds": 50_000}
TOO_FAST = {"on": "create", "action": "rate_limit", "retry_after_s": 1}
NO_ACCOUNT_SAID = {"on": "me", "action": "server_error"}
ME = "GET /v3/users/me"


class Address:
    """One address, behind which is the account that the present key belongs to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.provider = ProviderProcess(folder / "ours")
        self._port = urlsplit(self.provider.url).port

    def leads_to(self, account: str) -> None:
        """The key is one of this account from now on."""
        self.provider.stop()
        self.provider = ProviderProcess(self.folder / account, options=["--port", self._port])

    def log(self, account: str) -> ProviderLog:
        """What arrived in an account that the address does not lead to any more."""
        return log_of(self.folder / account)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[Address]:
    address = Address(tmp_path)
    yield address
    address.provider.stop()


@pytest.fixture
def job(address: Address, tmp_path: Path) -> SmallJob:
    return SmallJob(tmp_path / "job", address.provider).write(rows=2)


def ordered(job: SmallJob, address: Address, *faults: Mapping[str, object], rows: int = 2) -> None:
    """So many rows were sent in the present account, and the run has ended."""
    address.provider.set_faults(*faults)
    with job.start() as run:
        run.wait_until(lambda: len({call["key"] for call in address.provider.log.sends}) >= rows)
        run.interrupt()
        assert run.wait().code == 4
    address.provider.set_faults()


def stand(job: SmallJob) -> list[str]:
    return [row["video_status"] for row in job.results]


def accounts(job: SmallJob) -> list[str | None]:
    with contextlib.closing(sqlite3.connect(job.state_folder / "hello.db")) as ledger:
        return [account for (account,) in ledger.execute("SELECT account FROM attempts ORDER BY id")]


def of_job(job: SmallJob, verb: str, *arguments: str) -> Ended:
    return batchgen(verb, "job.toml", *arguments, "--json", folder=job.folder, env=job.env)


# --- refused ----------------------------------------------------------------------------------------------------


def test_a_row_in_doubt_is_not_sent_again_in_another_account(job: SmallJob, address: Address) -> None:
    ordered(job, address, ANSWERS_LOST)
    assert stand(job) == ["in_doubt"] * 2
    address.leads_to("theirs")
    ended = job.run("--time-limit", "5s")
    assert ended.code == 2
    assert ended.json["problems"][0]["message"] == (
        "Nothing was sent: 2 rows under way (id r1, r2) were ordered from another account than the one that this API "
        "key belongs to. Use a key of that account until they are done, then go on with this one. Or give them up, "
        "though the provider may have been paid: batchgen cancel job.toml r1 r2"
    )
    assert ended.json["next"] == "batchgen run job.toml --time-limit 5s"
    address.leads_to("ours")
    assert job.run().code == 0
    assert (len(address.provider.log.created), len(address.log("theirs").sends)) == (2, 0)


def test_renders_of_another_account_are_not_looked_for(job: SmallJob, address: Address) -> None:
    ordered(job, address, SLOW)
    address.leads_to("theirs")
    for verb, *options in (("run", "--yes", "--time-limit", "5s"), ("audit",)):
        ended = of_job(job, verb, *options)
        assert (ended.code, "another account" in ended.json["problems"][0]["message"]) == (2, True)
    assert stand(job) == ["rendering"] * 2
    assert set(address.provider.log.routes) == {ME}
    address.leads_to("ours")
    address.provider.advance(50_000)
    assert job.run().code == 0
    assert stand(job) == ["succeeded"] * 2


def test_new_rows_wait_too_while_others_are_under_way_elsewhere(job: SmallJob, address: Address) -> None:
    ordered(job, address, SLOW)
    job.edit({"r1,": "r0,Mona\nr1,"})
    address.leads_to("theirs")
    assert job.run("--allow-new", "--time-limit", "5s").code == 2
    assert address.provider.log.sends == []


def test_that_a_row_never_arrived_is_not_looked_up_in_another_account(job: SmallJob, address: Address) -> None:
    ordered(job, address, ANSWERS_LOST)
    address.leads_to("theirs")
    ended = of_job(job, "resolve", "r2", "--resubmit")
    assert (ended.code, "1 row under way (id r2) was ordered" in ended.json["problems"][0]["message"]) == (2, True)
    assert stand(job) == ["in_doubt"] * 2


def test_rows_that_another_run_ordered_while_a_person_was_asked_are_noticed(
    job: SmallJob, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_run_meanwhile(*_: object) -> None:
        address.leads_to("ours")
        address.provider.set_faults(SLOW)
        assert job.run("--rows", "r1", "--time-limit", "1s").code == 4
        address.leads_to("theirs")

    address.leads_to("theirs")
    monkeypatch.setattr(running, "_ask", another_run_meanwhile)
    with contextlib.chdir(job.folder):
        ended = batchgen_here("run", "job.toml", "--yes", "--json", "--time-limit", "5s", env=job.env)
    assert (ended.code, "(id r1)" in ended.json["problems"][0]["message"]) == (2, True)
    assert address.provider.log.sends == []


# --- going on ---------------------------------------------------------------------------------------------------


def test_a_new_key_of_the_same_account_goes_on(job: SmallJob, address: Address) -> None:
    ordered(job, address, ANSWERS_LOST)
    job.env["HEYGEN_API_KEY"] = "sk_live_another-key"
    assert job.run().code == 0
    assert len(address.provider.log.created) == 2


def test_rows_of_which_nothing_can_have_arrived_go_out_in_the_new_account(job: SmallJob, address: Address) -> None:
    ordered(job, address, TOO_FAST, rows=1)
    assert stand(job) == ["pending"] * 2
    (old,) = accounts(job)
    address.leads_to("theirs")
    ordered(job, address, SLOW)
    assert (len(address.provider.log.created), len(address.log("ours").created)) == (2, 0)
    assert old not in accounts(job)
    address.leads_to("ours")
    assert job.run("--time-limit", "5s").code == 2  # they are theirs now


def test_rows_of_an_unknown_account_are_treated_as_ever(job: SmallJob, address: Address) -> None:
    ordered(job, address, SLOW, NO_ACCOUNT_SAID)
    assert accounts(job) == [None, None]
    address.leads_to("theirs")
    assert job.run("--time-limit", "1s").code == 4


def test_an_account_that_does_not_say_whose_it_is_holds_nothing_up(job: SmallJob, address: Address) -> None:
    ordered(job, address, SLOW)
    address.provider.set_faults(NO_ACCOUNT_SAID)
    address.provider.advance(50_000)
    assert job.run().code == 0


def test_rows_that_are_given_up_free_the_way(job: SmallJob, address: Address) -> None:
    ordered(job, address, SLOW)
    address.leads_to("theirs")
    (problem,) = job.run("--time-limit", "5s").json["problems"]
    _, _, cancel = problem["message"].partition("paid: batchgen ")
    assert cancel.split() == ["cancel", "job.toml", "r1", "r2"]
    assert of_job(job, "cancel", "r1", "r2").code == 0
    assert of_job(job, "retry", "r1").code == 0
    assert job.run().code == 0
    assert stand(job) == ["succeeded", "cancelled"]


def test_a_dead_runs_rows_count_as_well(job: SmallJob, address: Address) -> None:
    address.provider.set_faults({"on": "create", "action": "accept_then_hold"})
    with job.start() as run:
        run.wait_until(lambda: bool(address.provider.log.sends))
        run.kill()
    address.leads_to("theirs")
    assert job.run("--time-limit", "5s").code == 2
    assert address.provider.log.sends == []


# --- what it takes ----------------------------------------------------------------------------------------------


def test_the_account_is_read_once_and_only_where_it_matters(job: SmallJob, address: Address) -> None:
    ordered(job, address, SLOW)
    assert address.provider.log.routes[ME] == 1  # with the catalogue, as ever
    address.provider.advance(50_000)
    assert job.run().code == 0
    assert address.provider.log.routes[ME] == 2  # rows were under way
    assert job.run().code == 0
    assert address.provider.log.routes[ME] == 2


def test_the_ledger_tells_nobody_whose_account_it_is(job: SmallJob, address: Address) -> None:
    ordered(job, address, SLOW)
    told = batchgen("account", "--json", folder=job.folder, env=job.env).stdout
    assert "demo-" in told
    assert all(account is not None and "demo" not in account for account in accounts(job))


def test_a_simulated_job_has_one_account_even_when_its_provider_was_deleted(job: SmallJob) -> None:
    assert job.simulate("--time-limit", "1s", faults=[SLOW]).code == 4
    shutil.rmtree(job.state_folder / "hello.simulator")
    assert job.simulate("--time-limit", "1s").code != 2
