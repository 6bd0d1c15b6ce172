"""avatars, voices, templates, account: what the account has, and a workbook to pick from."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.batchgen_process import KEY, ProviderProcess
from tests.cli.in_process import batchgen_here
from tests.cli.small_job import JOB, SmallJob


def ids(verb: str, *more: object) -> list[str]:
    facts = batchgen_here(verb, "--simulate", "--json", *more).json
    return [thing["id"] for thing in facts[verb]]


def test_avatars_are_a_table_with_their_previews() -> None:
    ended = batchgen_here("avatars", "--simulate")
    lines = ended.stdout.splitlines()
    assert ended.code == 0
    assert lines[0].split() == ["id", "name", "type", "engines", "orientation", "gender", "status", "preview"]
    (anna,) = (line for line in lines if line.startswith("Anna_public "))
    assert "https://" in anna
    assert "studio_avatar" in anna
    assert anna.index("Anna in the office") == lines[0].index("name")
    assert lines[-2:] == [f"{len(lines) - 3} avatar looks", "Next: batchgen init"]


@pytest.mark.parametrize(
    ("verb", "words", "found"),
    [
        ("voices", "german", {"de_greta", "de_jonas"}),
        ("voices", "german male", {"de_jonas"}),
        ("voices", "LUCÍA", {"es_lucia"}),
        ("voices", "private", {"own_ceo"}),
        ("avatars", "sofa", {"Anna_sofa_public"}),
        ("avatars", "no such thing", set()),
        ("templates", "offer", {"tpl_offer"}),
    ],
)
def test_a_search_finds_what_holds_all_its_words(verb: str, words: str, found: set[str]) -> None:
    assert set(ids(verb, "--search", words)) == found


def test_templates_tell_their_variables() -> None:
    assert "first_name (text), logo (image)" in batchgen_here("templates", "--simulate").stdout


def test_the_account_tells_what_is_left() -> None:
    ended = batchgen_here("account", "--simulate")
    assert "Left to spend: $100,000.00" in ended.stdout
    assert batchgen_here("account", "--simulate", "--json").json["account"]["billing_type"] == "wallet"


@pytest.mark.parametrize("verb", ["avatars", "voices", "templates", "account"])
def test_without_a_key_it_says_where_one_belongs(verb: str) -> None:
    ended = batchgen_here(verb)
    assert ended.code == 2
    assert "HEYGEN_API_KEY" in ended.stderr
    assert "--simulate" in ended.stderr


def test_a_job_tells_where_its_provider_and_its_key_are(job: SmallJob, tmp_path: Path) -> None:
    with ProviderProcess(tmp_path / "provider", options=["--key", KEY]) as provider:
        more = f'[provider]\nbase_url = "{provider.url}"\nkey_file = "key.txt"\n'
        job.write(rows=1, job=JOB + more)
        (job.folder / "key.txt").write_text(KEY)
        ended = batchgen_here("account", job.folder)
        wrong = batchgen_here("account", job.folder, env={"HEYGEN_API_KEY": "sk_wrong"})
    assert (ended.code, wrong.code) == (0, 5)
    assert "unauthorized" in wrong.stderr
    assert "Check HEYGEN_API_KEY" in wrong.stderr
    assert KEY not in ended.stdout + ended.stderr + wrong.stderr


@pytest.mark.parametrize("verb", ["avatars", "voices", "templates", "account"])
def test_a_key_that_is_refused_is_a_matter_of_the_account(verb: str, tmp_path: Path) -> None:
    with ProviderProcess(tmp_path / "provider", options=["--key", KEY]) as provider:
        env = {"HEYGEN_API_BASE": provider.url, "HEYGEN_API_KEY": "sk_wrong"}
        ended = batchgen_here(verb, "--json", env=env)
    assert ended.code == 5
    assert ended.json["problems"][0]["hint"].startswith("Check HEYGEN_API_KEY")


def test_the_job_and_its_simulated_world_are_left_as_they_were(job: SmallJob) -> None:
    job.write(rows=1)
    for verb in ("avatars", "voices", "templates", "account"):
        assert "Next: batchgen plan job.toml --simulate" in job.tell(verb).stdout
    assert not job.state_folder.exists()


class TestExport:
    @pytest.fixture
    def lookup(self, tmp_path: Path) -> Path:
        file = tmp_path / "lookup.xlsx"
        ended = batchgen_here("voices", "--simulate", "--export", file)
        assert (ended.code, ended.stderr) == (0, "")
        return file

    def test_it_holds_all_avatars_and_voices_with_links(self, lookup: Path) -> None:
        book = load_workbook(lookup)
        assert book.sheetnames == ["Pick", "Avatars", "Voices"]
        avatars = list(book["Avatars"].iter_rows(min_row=2, values_only=True))
        assert [row[1] for row in avatars] == ids("avatars")
        assert [row[1] for row in book["Voices"].iter_rows(min_row=2, values_only=True)] == ids("voices")
        assert book["Avatars"]["H2"].hyperlink is not None

    def test_drop_downs_reach_over_the_whole_lists(self, lookup: Path) -> None:
        book = load_workbook(lookup)
        rules = {str(rule.sqref): rule.formula1 for rule in book["Pick"].data_validations.dataValidation}
        assert rules == {
            "A2:A201": f"'Avatars'!$A$2:$A${len(ids('avatars')) + 1}",
            "C2:C201": f"'Voices'!$A$2:$A${len(ids('voices')) + 1}",
        }

    def test_names_that_can_be_picked_are_unique(self, lookup: Path) -> None:
        book = load_workbook(lookup)
        for tab in ("Avatars", "Voices"):
            names = [row[0] for row in book[tab].iter_rows(min_row=2, values_only=True)]
            assert len(set(names)) == len(names)

    def test_nothing_is_overwritten(self, lookup: Path) -> None:
        before = lookup.read_bytes()
        ended = batchgen_here("avatars", "--simulate", "--export", lookup)
        assert ended.code == 2
        assert "already" in ended.stderr
        assert lookup.read_bytes() == before
        assert batchgen_here("avatars", "--simulate", "--export", lookup.with_suffix(".csv")).code == 2

    @pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
    def test_in_libreoffice_a_picked_name_gives_its_id(self, lookup: Path, tmp_path: Path) -> None:
        book = load_workbook(lookup)
        book["Pick"]["A2"], book["Pick"]["C2"] = "Clara in the garden", "Jonas, German"
        book.save(tmp_path / "picked.xlsx")
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", "csv", "--outdir", str(tmp_path)]
        subprocess.run([*command, str(tmp_path / "picked.xlsx")], check=True, capture_output=True, timeout=120)
        second = (tmp_path / "picked.csv").read_text(encoding="utf-8").splitlines()[1]
        assert second == 'Clara in the garden,Clara_garden_twin,"Jonas, German",de_jonas'
