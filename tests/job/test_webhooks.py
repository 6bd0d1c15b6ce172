"""[webhooks]: where the provider reaches the listener, and how it tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgen.errors import JobInvalid
from batchgen.job import Webhooks, load_job


def written(folder: Path, lines: str) -> Path:
    (folder / "people.csv").write_text("id\n1\n")
    (folder / "job.toml").write_text(f'sheet = "people.csv"\n[webhooks]\n{lines}\n')
    return folder


def test_without_the_table_nobody_calls_and_the_port_is_of_this_machine(tmp_path: Path) -> None:
    webhooks = load_job(written(tmp_path, "")).webhooks
    assert webhooks == Webhooks()
    assert (webhooks.public_url, webhooks.host) == (None, "127.0.0.1")


def test_every_key_is_read(tmp_path: Path) -> None:
    lines = 'public_url = "https://h.example.com/b/"\nmode = "callback"\nhost = "::1"\nport = 9\nsecret_file = "s"'
    webhooks = load_job(written(tmp_path, f"{lines}\npoll_slower = 2")).webhooks
    assert webhooks == Webhooks(
        public_url="https://h.example.com/b",
        mode="callback",
        host="::1",
        port=9,
        secret_file=tmp_path / "s",
        poll_slower=2.0,
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('public_url = "http://example.com"', "the provider calls https addresses only"),
        ('public_url = "https://example.com/?a=b"', "must end with the host or a path"),
        ('public_url = "hooks"', "is not a web address"),
        ('mode = "callback"', 'Write public_url = "https://…".'),
        ('mode = "webhook"', '"webhook" is not one of endpoint, callback.'),
        ("port = 0", "0 is out of bounds."),
        ("poll_slower = 0.5", "0.5 is out of bounds."),
        ('publicurl = "https://example.com"', 'Did you mean "public_url"?'),
    ],
)
def test_what_is_wrong_is_told_with_what_to_write(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(JobInvalid) as refused:
        load_job(written(tmp_path, lines))
    assert said in str(refused.value)
    assert "[webhooks]" in str(refused.value)
