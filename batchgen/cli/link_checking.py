"""``--check-links``: every link that rows name is asked for once, before anything is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from batchgen.catalogue import Findings, Places
from batchgen.cli.checking import places_of, without_invalid
from batchgen.cli.output import Output
from batchgen.errors import Doubt, Problem, RowsInvalid, rows_named
from batchgen.plan import Plan
from batchgen.request import BuiltRow
from batchgen.video_api import LinkState, LinkTrouble, check_links

NAMES = ("url", "audio_url")
"""The names under which a request holds links that the provider fetches; it never fetches ``callback_url``."""


def links_checked(plan: Plan, output: Output) -> Plan:
    """The plan, with the rows whose links are surely broken as invalid ones; the rest is told as warnings."""
    return without_invalid(plan, _told(plan, output))


def links_checked_for_run(plan: Plan, output: Output, *, skip_invalid: bool) -> Plan:
    """The plan that may be carried out. Raises ``RowsInvalid`` for broken links, unless they are to be left out."""
    findings = _told(plan, output)
    if findings.problems and not skip_invalid:
        raise RowsInvalid(findings.problems)
    output.problems(findings.problems)
    return without_invalid(plan, findings)


def _told(plan: Plan, output: Output) -> Findings:
    named: dict[tuple[str, str], list[BuiltRow]] = {}
    for planned in plan.to_send:
        for path, link in links_in(planned.row.request.payload):
            named.setdefault((link, path), []).append(planned.row)
    troubles = asyncio.run(check_links((link for link, _ in named), private_allowed=False))
    findings = _findings(named, troubles, places_of(plan))
    for doubt in findings.doubts:
        output.doubt(doubt)
    return findings


def links_in(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every link of a request that the provider fetches: dotted path and link."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            inner = f"{path}.{name}" if path else name
            if name in NAMES and isinstance(member, str):
                yield inner, member
            else:
                yield from links_in(member, inner)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from links_in(item, f"{path}.{index}")


def _findings(
    named: Mapping[tuple[str, str], list[BuiltRow]], troubles: Mapping[str, LinkTrouble], places: Places
) -> Findings:
    problems, doubts, invalid = [], [], dict[int, str]()
    for (link, path), rows in named.items():
        trouble = troubles.get(link)
        if trouble is None:
            continue
        numbers = [row.number for row in rows]
        if trouble.state is LinkState.BROKEN:
            problems.append(_problem(path, link, trouble, rows, places))
            for number in numbers:
                invalid.setdefault(number, f"The link of {path} {trouble.reason}. {MEND_IT}")
        else:
            message = f"The link of {path} {trouble.reason}."
            doubts.append(Doubt(kind="links", message=message, hint=CHECK_IT, rows=tuple(numbers), example=link))
    return Findings(problems=tuple(problems), doubts=tuple(doubts), invalid=invalid)


CHECK_IT = "The provider has to fetch it; try it in a private browser window."
MEND_IT = "Correct it, or put the file beside the job and write its path."


def _problem(path: str, link: str, trouble: LinkTrouble, rows: list[BuiltRow], places: Places) -> Problem:
    column = places.column(path, link) or places.column(path.rpartition(".")[0], link)
    more = rows_named([row.number for row in rows])
    which = "" if len(rows) == 1 else f" ({more[:1].lower()}{more[1:]})"
    return Problem(
        message=f"The link of {path} {trouble.reason}{which}.",
        hint=MEND_IT,
        row=rows[0].number if len(rows) == 1 else None,
        id=rows[0].id if len(rows) == 1 else None,
        column=column,
        value=link,
    )
