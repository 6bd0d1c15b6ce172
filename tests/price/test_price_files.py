"""A person's own price file: the same format, checked, named in the plan, and before batchgen's own tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from batchgen.errors import JobInvalid
from batchgen.job import Prices
from batchgen.price import cost, estimate, price_tables
from tests.cli.in_process import batchgen_here
from tests.cli.small_job import JOB, SmallJob

OWN = """
[[table]]
date = 2026-09-01
source = "our contract"
[table.usd_per_s.avatar_iv]
digital_twin = 0.03
studio_avatar = 0.02

[[table]]
date = 2026-11-01
[table.usd_per_s.avatar_v]
digital_twin = 0.07
[table.resolution_factor]
"4k" = 2
"""
WRONG = """
colour = "red"
[[table]]
source = 5
[table.usd_per_s.avatar_vi]
digital_twin = 0.03
[table.usd_per_s.avatar_iv]
digtal_twin = 0.03
photo_avatar = -1
[[table]]
date = "2026-11-01"
[table.resolution_factor]
"8k" = 2
"""


def avatar(engine: str = "avatar_iv", **more: Any) -> dict[str, Any]:
    return {"type": "avatar", "avatar_id": "a", "script": "Hello.", "engine": {"type": engine}, **more}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "prices.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


def test_the_users_tables_count_first_and_batchgens_for_what_they_do_not_name(own: Path) -> None:
    prices = Prices(file=own)
    assert cost(avatar(), 1, prices) == 30_000
    assert cost(avatar(), 1, prices, kinds={avatar()["avatar_id"]: "studio_avatar"}) == 20_000
    assert cost(avatar("avatar_v", resolution="4k"), 1, prices) == 140_000
    assert cost(avatar("avatar_iii"), 1, prices) == cost(avatar("avatar_iii"), 1, Prices())
    assert [str(table.day) for table in price_tables(own)] == ["2026-11-01", "2026-09-01", "2026-10-04", "2026-07-01"]


def test_the_estimate_names_table_and_file(own: Path) -> None:
    assert estimate(avatar(), Prices(file=own)).table == f"2026-09-01 in {own}"
    assert estimate(avatar("avatar_iii"), Prices(file=own)).table == "2026-07-01"


def test_a_job_may_name_a_day_of_either(own: Path) -> None:
    assert cost(avatar(), 1, Prices(file=own, table="2026-09-01")) == 30_000
    assert cost(avatar("avatar_v"), 1, Prices(file=own, table="2026-09-01")) == 120_000
    assert cost(avatar(), 1, Prices(file=own, table="2026-10-04")) == 80_500


def test_everything_wrong_in_a_price_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(WRONG, encoding="utf-8")
    with pytest.raises(JobInvalid) as caught:
        price_tables(path)
    told = [str(problem) for problem in caught.value.problems]
    for expected in (
        "[prices.toml] colour: is not a key of a price file",
        "[prices.toml, table 1] date: is missing. Write for example date = 2026-10-04.",
        "[prices.toml, table 1] source: must be a text, not a number",
        '[prices.toml, table 1.usd_per_s.avatar_vi]: is not a word of a price table. Did you mean "avatar_v',
        "[prices.toml, table 1.usd_per_s.avatar_iv] digtal_twin: is not a word of a price table. Did you mean",
        "[prices.toml, table 1.usd_per_s.avatar_iv] photo_avatar: -1 is out of bounds",
        "[prices.toml, table 2] date: must be a day without quotes, not a text",
        "[prices.toml, table 2.resolution_factor] 8k: is not a word of a price table",
    ):
        assert any(text.startswith(expected) for text in told), (expected, told)
    assert len(told) == 8


@pytest.mark.parametrize(("text", "words"), [("", "there is no price table"), ("table = 3", "there is no price table")])
def test_a_file_without_a_table_is_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(JobInvalid, match=words):
        price_tables(path)


def test_the_plan_says_which_file_and_day_it_used(own: Path, tmp_path: Path) -> None:
    small = SmallJob(tmp_path / "job").write(rows=2, job=f'{JOB}\n[price]\nfile = "../prices.toml"\n')
    assert small.ask("plan").json["price_tables"] == [f"2026-09-01 in {own}"]
    assert f"(prices of 2026-09-01 in {own})" in small.tell("plan").stdout


def test_the_file_in_the_persons_settings_counts_where_the_job_names_none(tmp_path: Path) -> None:
    settings = tmp_path / "config"
    (settings / "batchgen").mkdir(parents=True)
    (settings / "batchgen" / "prices.toml").write_text(OWN, encoding="utf-8")
    small = SmallJob(tmp_path / "job", env={"XDG_CONFIG_HOME": str(settings)}).write(rows=2)
    assert small.ask("plan").json["price_tables"] == [f"2026-09-01 in {settings / 'batchgen' / 'prices.toml'}"]


def test_a_missing_price_file_is_told_with_the_other_problems(tmp_path: Path) -> None:
    small = SmallJob(tmp_path).write(
        rows=[("r1", "Anna"), ("r1", "Ben")], job=f'{JOB}\n[price]\nfile = "prizes.toml"\n'
    )
    ended = batchgen_here("plan", small.job_file, "--offline", "--json")
    assert ended.code == 2
    first, second = ended.json["problems"]
    assert "There is no file" in first["message"]
    assert "prizes.toml" in first["message"]
    assert "is already the id of row 2" in second["message"]
