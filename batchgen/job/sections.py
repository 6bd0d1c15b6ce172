"""The settings tables of a job file but for [output]: [pacing], [retry], [provider], [price], [budget], [approve],
[webhooks], [media], [submit]."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Literal, cast

from batchgen.errors import UsageError
from batchgen.fields import ENGINES, closest, field_for_header
from batchgen.job.address import check_base_url, check_public_url
from batchgen.job.settings import (
    Approve,
    Budget,
    Media,
    Output,
    Pacing,
    Prices,
    Provider,
    Retry,
    Submit,
    WebhookMode,
    Webhooks,
)
from batchgen.job.table import Table, did_you_mean


def read_pacing(table: Table) -> Pacing:
    """[pacing]."""
    plain = Pacing()
    pacing = Pacing(
        concurrency=table.whole("concurrency", plain.concurrency, 1, 1_000),
        poll_every_s=table.number("poll_every_s", plain.poll_every_s, 0.05, 3_600),
        poll_slowest_s=table.number("poll_slowest_s", plain.poll_slowest_s, 0.05, 3_600),
        downloads=table.whole("downloads", plain.downloads, 1, 64),
        uploads=table.whole("uploads", plain.uploads, 1, 64),
        create_timeout_s=table.number("create_timeout_s", plain.create_timeout_s, 1, 600),
        read_timeout_s=table.number("read_timeout_s", plain.read_timeout_s, 1, 600),
        requests_per_s=table.number("requests_per_s", plain.requests_per_s, 0.01, 1_000),
    )
    if pacing.poll_slowest_s < pacing.poll_every_s:
        message = f"{pacing.poll_slowest_s:g} is quicker than poll_every_s = {pacing.poll_every_s:g}."
        table.problem("poll_slowest_s", message, f"Write at least {pacing.poll_every_s:g}.")
    report_unknown(table)
    return pacing


LEAST_KEY_MARGIN_H = 0.25
"""A send that begins within the key's window must also arrive within it: more than the longest create timeout."""


def read_retry(table: Table) -> Retry:
    """[retry]."""
    plain = Retry()
    retry = Retry(
        attempts=table.whole("attempts", plain.attempts, 1, 10),
        key_margin_h=table.number("key_margin_h", plain.key_margin_h, LEAST_KEY_MARGIN_H, 23),
    )
    report_unknown(table)
    return retry


def read_provider(table: Table, folder: Path) -> Provider:
    """[provider]."""
    rules = table.choice("rules", "newest", ("newest", "original"))
    api = table.choice("api", "v3", ("v3", "v2"))
    provider = Provider(
        base_url=_base_url(table),
        rules=cast('Literal["newest", "original"]', rules),
        api=cast('Literal["v3", "v2"]', api),
        key_file=table.path("key_file", folder),
    )
    report_unknown(table)
    return provider


def _base_url(table: Table) -> str | None:
    text = table.text("base_url")
    if text is None:
        return None
    try:
        return check_base_url(text)
    except UsageError as exc:
        table.problem("base_url", str(exc))
        return None


def read_prices(table: Table, folder: Path) -> Prices:
    """[price]."""
    prices = Prices(table=table.text("table"), usd_per_s=_usd_per_s(table), file=table.path("file", folder))
    report_unknown(table)
    return prices


def _usd_per_s(table: Table) -> dict[str, float] | None:
    if "usd_per_s" not in table.values:
        return None
    if not isinstance(table.values["usd_per_s"], dict):
        return {"any": table.number("usd_per_s", 0, 0, 100)}
    engines = table.table("usd_per_s")
    prices = {engine: engines.number(engine, 0, 0, 100) for engine in (*ENGINES, "any") if engine in engines.values}
    for engine in engines.unknown():
        engines.problem(engine, "is no engine.", did_you_mean(engine, (*ENGINES, "any")))
    return prices


def read_budget(table: Table) -> Budget:
    """[budget]."""
    max_usd = table.number("max_usd", 0, 0, 1e9) if "max_usd" in table.values else None
    budget = Budget(max_usd=max_usd, shared=table.text("shared"))
    report_unknown(table)
    return budget


def read_approve(table: Table) -> Approve:
    """[approve]."""
    plain = Approve()
    approve = Approve(
        column=table.text("column"),
        require_sample=table.flag("require_sample", plain.require_sample),
        sample_rows=table.whole("sample_rows", plain.sample_rows, 1, 100_000),
    )
    report_unknown(table)
    return approve


def read_webhooks(table: Table, folder: Path) -> Webhooks:
    """[webhooks]."""
    plain = Webhooks()
    mode = table.choice("mode", plain.mode, ("endpoint", "callback"))
    webhooks = Webhooks(
        public_url=_public_url(table),
        mode=cast("WebhookMode", mode),
        host=table.text("host") or plain.host,
        port=table.whole("port", plain.port, 1, 65_535),
        secret_file=table.path("secret_file", folder),
        poll_slower=table.number("poll_slower", plain.poll_slower, 1, 1_000),
    )
    if webhooks.mode == "callback" and webhooks.public_url is None and "public_url" not in table.values:
        message = "says that every request names the address to call back, but public_url is missing."
        table.problem("mode", message, 'Write public_url = "https://…".')
    report_unknown(table)
    return webhooks


def _public_url(table: Table) -> str | None:
    text = table.text("public_url")
    if text is None:
        return None
    try:
        return check_public_url(text)
    except UsageError as exc:
        table.problem("public_url", str(exc))
        return None


MOST_IN_A_BATCH = 100
"""The provider's bound for one POST /v3/videos/batches."""


def read_submit(table: Table) -> Submit:
    """[submit]."""
    submit = Submit(batch=table.whole("batch", Submit().batch, 1, MOST_IN_A_BATCH))
    report_unknown(table)
    return submit


def read_media(table: Table, folder: Path) -> Media:
    """[media]."""
    media = Media(roots=table.paths("roots", folder))
    report_unknown(table)
    return media


def report_unknown(table: Table) -> None:
    """Complain about every key that nobody asked for."""
    for key in table.unknown():
        kind = "table" if isinstance(table.values[key], dict) else "key"
        table.problem(key, f"is not a {kind} that batchgen knows.", _key_hint(table, key))


def _key_hint(table: Table, key: str) -> str:
    near = closest(key, table.known())
    if near:
        return f'Did you mean "{near}"?'
    if key in home_of_keys():
        return f"It is a key of {home_of_keys()[key]}: move it there."
    if field_for_header(key):
        return "It is a request field: move it below the line [request]."
    return f"Known: {', '.join(table.known())}."


def home_of_keys() -> dict[str, str]:
    """Every key of the job file → where it belongs, for keys that stand in the wrong table."""
    top = ("name", "sheet", "tab", "id", "only_if", "header_row", "ledger")
    tables = {
        "output": Output,
        "pacing": Pacing,
        "retry": Retry,
        "provider": Provider,
        "price": Prices,
        "budget": Budget,
        "approve": Approve,
        "webhooks": Webhooks,
        "media": Media,
        "submit": Submit,
    }
    written = ((table, entry) for table, made in tables.items() for entry in dataclass_fields(made) if entry.compare)
    home = {entry.name: f"[{table}]" for table, entry in written}
    return home | dict.fromkeys(top, "the top of the file, above the first [table]")
