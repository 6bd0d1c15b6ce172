"""``--check-links``: broken links are told with their rows before anything is sent."""

from __future__ import annotations

from pathlib import Path

from tests.batchgen_process import ProviderProcess
from tests.cli.small_job import SmallJob

JOB = """
name = "links"
sheet = "people.csv"
id = "id"
[request]
type = "avatar"
avatar_id = "Anna_public"
script = "Hello"
background = "{{ name }}"
"""


def test_plan_and_run_name_the_rows_of_a_link_into_a_private_network(tmp_path: Path) -> None:
    with ProviderProcess(tmp_path / "provider") as provider:
        job = SmallJob(tmp_path / "job", own_provider=provider)
        link = f"{provider.url}/nothing.png"
        job.write(rows=[("r1", link), ("r2", link), ("r3", "#ffffff")], job=JOB)
        assert job.plan("--json").json["problems"] == []
        checks = job.plan("--check-links", "--json"), job.ask("plan", "--check-links"), job.run("--check-links")
        for ended in checks:
            assert ended.code == 2
            (problem,) = ended.json["problems"]
            assert problem["message"] == (
                "The link of background.url cannot be reached by the provider: 127.0.0.1 is not of the public internet "
                "(rows 2-3)."
            )
            assert problem["value"] == link
        assert provider.log.sends == []
        assert job.run("--check-links", "--skip-invalid").json["counts"] == {"succeeded": 1, "invalid": 2}
