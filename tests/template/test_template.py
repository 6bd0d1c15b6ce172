"""What templates of a job file can say, and what they can never do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import pytest

from batchgen.template import TemplateProblem, Templates

ROW = {"first_name": "Anna", "presenter": "", "tags": "red, green", "price": "3.5", "code": "007"}


def rendered(text: str, row: Mapping[str, str] = ROW) -> str:
    templates = Templates(row)
    return templates.compile(text).render(templates.row(row))


def complaint(text: str) -> str:
    with pytest.raises(TemplateProblem) as caught:
        rendered(text)
    return str(caught.value)


def processor_s(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


def count_to_a_million() -> None:
    for _ in range(1_000_000):
        pass


def holds(expression: str) -> bool:
    templates = Templates(ROW)
    return bool(templates.condition(expression).render(templates.row(ROW)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{ first_name }}!", "Hi Anna!"),
        ("{{ presenter or 'Anna_public' }}", "Anna_public"),
        ("{{ presenter|default('you') }}", "you"),
        ("{{ first_name|upper }} {{ first_name.lower() }} {{ first_name[:1] }}", "ANNA anna A"),
        ("{% if presenter %}with {{ presenter }}{% else %}alone{% endif %}", "alone"),
        ("{% for tag in tags.split(',') %}{{ loop.index }} {{ tag|trim }};{% endfor %}", "1 red;2 green;"),
        ("{{ tags.split(',')|join('+') }}", "red+ green"),
        ("{{ '%.2f'|format(price|float * 2) }} EUR", "7.00 EUR"),
        ("{% set greeting = 'Dear ' ~ first_name %}{{ greeting }}", "Dear Anna"),
        ("{{ first_name.replace('nn', 'ndre') }}", "Andrea"),
        ("{{ code }}", "007"),
        ("{{ code.zfill(5) }}", "00007"),
        ("{{ code|int + 1 }} {{ price|int }} {{ tags|int(0) }}", "8 3 0"),
        ("{{ first_name if first_name in ['Anna', 'Bea'] else 'you' }}", "Anna"),
        ("{# a note #}two\nlines\n", "two\nlines\n"),
        ("Plain text with } and %", "Plain text with } and %"),
    ],
)
def test_templates_say_what_people_mean(text: str, expected: str) -> None:
    assert rendered(text) == expected


def test_a_cell_is_data_and_never_becomes_a_template() -> None:
    cell = "{{ 1 + 1 }} {% for x in range(9) %}"
    assert rendered("{{ first_name }}", {"first_name": cell}) == cell


def test_a_template_knows_its_placeholders() -> None:
    templates = Templates(ROW)
    assert templates.compile("{{ first_name }} {{ presenter or 'x' }}").placeholders == {"first_name", "presenter"}
    assert templates.compile("no placeholder").is_constant


def test_what_one_template_sets_is_not_seen_by_the_next_one_of_the_row() -> None:
    templates = Templates(ROW)
    row = templates.row(ROW)
    assert templates.compile("{% set first_name = 'Eve' %}{{ first_name }}").render(row) == "Eve"
    assert templates.compile("{{ first_name }}").render(row) == "Anna"


def test_a_file_name_may_use_the_row_id_although_there_is_no_such_column() -> None:
    templates = Templates(ROW)
    name = templates.compile("{{ id }}-{{ first_name }}", more={"id"})
    assert name.render(templates.row({**ROW, "id": "A-17"})) == "A-17-Anna"


def test_an_unknown_placeholder_is_found_before_any_row_with_what_was_meant() -> None:
    with pytest.raises(TemplateProblem, match=r'there is no column "frist_name"\. Did you mean "first_name"\?'):
        Templates(ROW).compile("Hi {{ frist_name|default('you') }}")


def test_a_placeholder_may_be_written_as_the_header_is() -> None:
    assert rendered("{{ First_Name }}, {{ Größe }}", {"first_name": "Anna", "grösse": "M"}) == "Anna, M"


def test_a_result_column_is_no_placeholder() -> None:
    with pytest.raises(TemplateProblem, match='"video_id" is a result column'):
        Templates(ROW, results={"video_id"}).compile("{{ video_id }}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ First Name }}", "Placeholders look like {{ first_name }}"),
        ("{% if first_name %}", "Unexpected end of template"),
        ("{{ first_name|uper }}", 'there is no filter "uper". Did you mean "upper"?'),
        ("{{ first_name.uper() }}", 'there is no attribute "uper". Did you mean "upper"?'),
        ("{{ first_name is numbr }}", 'there is no test "numbr". Did you mean "number"?'),
        ("{{ price * 2 }}", "Cells are texts: write |int or |float to calculate"),
        ("{{ price + 1 }}", "Cells are texts: write |int or |float to calculate"),
        ("{{ 1 / (presenter|length) }}", "it divides by zero."),
        ("{{ tags|float }}", '"red, green" is not a number.'),
        ("{{ presenter|int }}", '"" is not a number.'),
        ("{{ '3,50'|float }}", '"3,50" is not a number.'),
        ("{{ 'nan'|float }}", '"nan" is not a number.'),
        ("{{ tags.split(',') }}", "a list is not a text. Join a list with |join(', ')."),
        ("{{ code > 3 }}", "Cells are texts: write |int or |float to calculate"),
        ("{{ '%d'|format(first_name) }}", "%d format: a real number is required"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(text: str, told: str) -> None:
    assert told in complaint(text)


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in range(10**9) %}{% endfor %}",
        "{% for i in range(10**30) %}{% endfor %}",
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        "{% for a in [1,2,3,4,5,6,7,8,9] %}" * 8 + "x" + "{% endfor %}" * 8,
        "{% for i in range(9999) %}" + "{{ i and '' }}" * 1400 + "{% endfor %}",
        "{% for i in range(9999) %}{% if tags.replace('e', 'e' ~ tags) == 'x' %}{% endif %}{% endfor %}" * 20,
        "{% for i in range(2000) %}{{ 'x'.center(999) }}{% endfor %}",
        "{{ 'a' * 10**9 }}",
        "{{ [1] * 10**9 }}",
        "{{ 10**10**10 }}",
        "{{ 2.0**10000 }}",
        "{% set x = 99999 %}" + "{% set x = x * x %}" * 60 + "{{ x }}",
        "{% set x = 'ab' %}" + "{% set x = x ~ x %}" * 60 + "{{ x|length }}",
        "{% set x = ['ab'] %}" + "{% set x = [x, x] %}" * 60 + "{{ x|length }}",
        "{{ tags.replace('', tags.replace('', tags.center(9999))) }}",
        "{{ tags.join(tags.center(99999)) }}",
        "{{ 'x'|center(10**9) }}",
        "{{ 'x'.ljust(10**9) }}",
        "{{ 'x'.zfill(10**9) }}",
        "{{ 'x'.expandtabs(10**9) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ '%*d'|format(1000000000, 1) }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 1|round(10**9) }}",
        "{{ 1.5|round(-10**9, 'ceil') }}",
        "{{ " + "9" * 5000 + " }}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{{ 1" + "+1" * 9000 + " }}",
        "{% if 1 %}" * 1000 + "{% endif %}" * 1000,
        "x{{ first_name }}" * 5000,
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
        "{% for x in 'ab' recursive %}{{ loop('ab') }}{% endfor %}",
        "{% set x %}{% for i in range(9999) %}{{ tags }}{% endfor %}{% endset %}{{ x }}",
    ],
)
def test_a_greedy_template_is_refused_in_about_a_second_at_most(text: str) -> None:
    assert processor_s(lambda: complaint(text)) < 60 * processor_s(count_to_a_million)  # a second, on a usual machine


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ ''|attr('__class__') }}",
        "{{ tags.split(',').__class__ }}",
        "{{ first_name.upper.__self__ }}",
        "{{ first_name['upper']['__func__'] }}",
        "{{ ['a']|join(attribute='__class__') }}",
        "{{ ['a', 'b']|sort(attribute='__class__')|join }}",
        "{{ ['a']|map(attribute='__class__')|join }}",
        "{{ ['a']|sum(attribute='__class__') }}",
        "{{ range.__globals__ }}",
        "{{ range.__call__ }}",
        "{{ cycler.__init__ }}",
        "{{ cycler }}",
        "{{ lipsum() }}",
        "{{ namespace() }}",
        "{{ self }}",
        "{{ self._TemplateReference__context }}",
        "{{ loop }}",
        "{% for x in 'a' %}{{ loop.__init__ }}{% endfor %}",
        "{% for x in 'a' %}{{ loop['_iterable'] }}{% endfor %}",
        "{% for x in 'a' %}{{ loop.cycle(1) }}{% endfor %}",
        "{{ '{0.__class__}'.format('') }}",
        "{{ ''['format']('') }}",
        "{{ ''['format_map']({}) }}",
        "{{ 'a'.encode() }}",
        "{{ ''['translate'] }}",
        "{{ first_name() }}",
        "{{ text_of }}",
        "{{ 'a'|counted(1) }}",
        "{{ {}.__class__ }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
        "{{ range(*[1, 2]) }}",
        "{{ random }}",
        "{{ ['a', 'b']|random }}",
    ],
)
def test_a_template_reaches_nothing_but_its_row(text: str) -> None:
    assert complaint(text)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("first_name == 'Anna'", True),
        ("first_name != 'Anna' or presenter != ''", False),
        ("code in ['007', '008'] and not presenter", True),
        ("price|float > 3", True),
        ("'green' in tags", True),
        ("not presenter", True),
    ],
)
def test_a_condition_decides_by_the_texts_of_the_row(expression: str, *, expected: bool) -> None:
    assert holds(expression) is expected


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("frist_name == 'Anna'", 'Did you mean "first_name"?'),
        ("first_name = 'Anna'", "unexpected"),
        ("code", "Write code == 'yes', or code != '' for any text."),
        ("first_name == 'Anna' and code", "also for FALSE and no"),
        ("first_name ==", "unexpected"),
        ("first_name }} {{ presenter", "unexpected"),
        ("first_name.__class__", 'there is no attribute "__class__"'),
        ("range(10**9)|list", "more than 10,000 steps"),
        ("code > 5", "Cells are texts: write |int or |float to calculate"),
    ],
)
def test_a_wrong_condition_is_told_with_what_to_do(expression: str, told: str) -> None:
    with pytest.raises(TemplateProblem) as caught:
        holds(expression)
    assert told in str(caught.value)
