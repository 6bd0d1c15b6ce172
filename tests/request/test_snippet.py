"""The HTML of a row: no cell becomes markup, and no message gets a broken picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgen.job import DOWNLOADS
from batchgen.job.settings import SNIPPET
from batchgen.request import Snippet
from batchgen.row import map_headers
from batchgen.sheet import SheetRow
from batchgen.template import TemplateProblem
from tests.small_sheet import ANNA, JOB_FILE, built_rows, small_job

KNOWN = {kind: f"https://cdn.example.com/{kind}" for kind in DOWNLOADS} | {
    "page": "https://app.example.com/v1",
    "title": "Hello",
    "id": "A-1",
    "seconds": "12.3",
}
PICTURE = '<img src="{{ thumbnail }}" alt="{{ name }}">'


def html(tmp_path: Path, template: str, name: str = "Anna", **known: str) -> str:
    job = small_job(tmp_path, ("A-1", name, ""))
    snippet = Snippet.compiled(template, map_headers(("id", "name", "skip"), job))
    return snippet.html(SheetRow(number=2, cells=("A-1", name, "")), {**KNOWN, **known})


def refusal(tmp_path: Path, template: str, name: str = "Anna", **known: str) -> str:
    with pytest.raises(TemplateProblem) as caught:
        html(tmp_path, template, name, **known)
    return str(caught.value)


def test_the_usual_snippet_is_a_picture_that_leads_to_the_video(tmp_path: Path) -> None:
    picture = '<img src="https://cdn.example.com/gif" alt="Hello">'
    assert html(tmp_path, SNIPPET) == f'<a href="https://app.example.com/v1">{picture}</a>'
    assert "thumbnail" in html(tmp_path, SNIPPET, gif="")


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('"><script>alert(1)</script>', "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("' onerror='alert(1)", "&#x27; onerror=&#x27;alert(1)"),
        ("&#60;b>", "&amp;#60;b&gt;"),
        ("{{ page }}", "{{ page }}"),
        ("Zoë", "Zoë"),
    ],
)
def test_a_cell_is_text_whatever_it_holds(tmp_path: Path, cell: str, shown: str) -> None:
    src = "https://cdn.example.com/thumbnail"
    assert html(tmp_path, PICTURE, cell) == f'<img src="{src}" alt="{shown}">'
    assert html(tmp_path, '{{ name|lower|replace("x", "y") }} {{ "<b>" }}', cell).endswith(" &lt;b&gt;")


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("<img alt={{ name }}>", "stands outside of quotes"),
        ("<img {{ name }}>", "stands outside of quotes"),
        ("<{{ name }}>", "stands outside of quotes"),
        ("<b{{ name }}>", "stands outside of quotes"),
        ("{% if name == 'x' %}<img alt={{ title }}>{% endif %}", "stands outside of quotes"),
        ("<p onclick=\"say('{{ name }}')\">", "placeholders cannot stand in onclick."),
        ('<p style="color: {{ name }}">', "placeholders cannot stand in style."),
        ("<script>{{ name }}</script>", "placeholders cannot stand in <script>."),
        ("<style>{{ name }}</style>", "placeholders cannot stand in <style>."),
        ('<img alt="{{ name }}"', "a tag has no end."),
        ("{{ nmae }}", 'Did you mean "name"?'),
        ("{{ name|safe }}", 'there is no filter "safe".'),
    ],
)
def test_a_template_that_would_let_a_cell_become_markup_is_refused(tmp_path: Path, template: str, told: str) -> None:
    assert told in refusal(tmp_path, template)


@pytest.mark.parametrize("cell", ["javascript:alert(1)", " JaVaScript:alert(1)", "java\tscript:x", "data:text/html,x"])
def test_an_address_from_a_cell_leads_to_the_web_or_nowhere(tmp_path: Path, cell: str) -> None:
    assert "which is no web address" in refusal(tmp_path, '<a href="{{ name }}">x</a>', cell)


@pytest.mark.parametrize("cell", ["https://example.com/a?b=1&c=2", "videos/Anna%20L.mp4", "mailto:a@example.com"])
def test_an_ordinary_address_from_a_cell_is_taken(tmp_path: Path, cell: str) -> None:
    assert html(tmp_path, '<a href="{{ name }}">x</a>', cell) == f'<a href="{cell.replace("&", "&amp;")}">x</a>'


def test_a_picture_that_there_is_not_makes_no_snippet(tmp_path: Path) -> None:
    assert refusal(tmp_path, PICTURE, thumbnail="").startswith("src is empty.")
    assert html(tmp_path, "{% if thumbnail %}" + PICTURE + "{% endif %}.", thumbnail="") == "."


def test_a_snippet_longer_than_a_cell_is_none(tmp_path: Path) -> None:
    assert "a cell can hold" in refusal(tmp_path, "{{ name }}", "x" * 32_768)
    assert len(html(tmp_path, "{{ name }}", "x" * 32_767)) == 32_767


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ('html = "{{ nmae }}"', '[output] html: there is no column "nmae". Did you mean "name"?'),
        ("html = '<img src=\"{{ gif }}\">'", "[output] html: src is empty. Fetch what it is to show"),
        ('html = "{{ name|int }}"', "[output] html:"),
        ("columns = { video_html = true }", "[output] html: src is empty."),
    ],
)
def test_what_is_wrong_with_the_snippet_is_told_before_anything_is_paid(tmp_path: Path, output: str, told: str) -> None:
    built = built_rows(small_job(tmp_path, ANNA, job_file=f"{JOB_FILE}[output]\n{output}\n"))
    assert built.problem_count == 1
    assert told in str(built.problems[0])


def test_files_that_a_request_does_not_lead_to_are_a_warning_that_names_the_rows(tmp_path: Path) -> None:
    job_file = JOB_FILE + '[output]\ndownload = ["video", "captioned_video"]\n'
    (doubt,) = built_rows(small_job(tmp_path, ANNA, job_file=job_file)).warnings
    assert ("no captioned_video" in doubt.message, doubt.rows) == (True, (2,))
    asked = job_file.replace("[price]", '[request.caption]\nstyle = "default"\n[price]')
    assert built_rows(small_job(tmp_path, ANNA, job_file=asked)).warnings == ()
