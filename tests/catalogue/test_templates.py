"""What rows put into a provider's template, held against the template itself before anything is sent."""

from __future__ import annotations

from typing import Any

from batchgen.catalogue import Catalogue, Places, check
from batchgen.request import BuiltRow
from batchgen.request import check as checked
from batchgen.video_api import ProviderTemplate

WELCOME = ProviderTemplate(
    id="tpl_welcome", name="Welcome with logo", variables={"first_name": "text", "logo": "image"}
)
KNOWN = Catalogue(templates={"tpl_welcome": WELCOME})
LOGO = {"type": "image", "asset": "as1"}


def row(number: int, **variables: Any) -> BuiltRow:
    request = checked({"template_id": "tpl_welcome", "variables": variables})
    return BuiltRow(number, f"r{number}", request, f"r{number}")


def problems(catalogue: Catalogue, *rows: BuiltRow) -> list[str]:
    return [str(problem) for problem in check(rows, catalogue, Places()).problems]


def test_a_row_that_fills_in_the_template_raises_nothing() -> None:
    assert problems(KNOWN, row(2, first_name="Anna", logo=LOGO)) == []


def test_a_misspelt_variable_is_told_once_with_what_was_meant() -> None:
    assert problems(KNOWN, row(2, firstname="Anna", logo=LOGO), row(3, firstname="Ben", logo=LOGO)) == [
        '[request] variables.firstname: The template "Welcome with logo" has no variable "firstname" (rows 2-3). '
        'Did you mean "first_name"?'
    ]


def test_a_missing_variable_is_told_with_how_to_fill_it_in() -> None:
    (told,) = problems(KNOWN, row(2, first_name="Anna"))
    assert 'has a variable "logo" that nothing fills in.' in told
    assert "add a column variables.logo (image)" in told


def test_a_variable_of_the_wrong_type_is_told_with_the_right_one() -> None:
    (told,) = problems(KNOWN, row(2, first_name="Anna", logo="a text"))
    assert 'The variable "logo" of this template is of type image, not text.' in told
    assert 'Set [request.variables.logo] type = "image".' in told


def test_a_template_that_does_not_exist_is_told() -> None:
    gone = Catalogue(
        templates={"tpl_welcome": None}, other_templates=(ProviderTemplate(id="tpl_welcom", name="W", variables={}),)
    )
    (told,) = problems(gone, row(2, first_name="Anna"))
    assert '"tpl_welcome" is not a template of this account. Did you mean "tpl_welcom"?' in told


def test_the_avatar_of_a_template_is_one_of_the_account() -> None:
    wanted = Catalogue(looks={"gone": None})
    speaker = {"type": "character", "character_type": "avatar", "character_id": "gone"}
    (told,) = problems(wanted, row(2, speaker=speaker))
    assert '[request] variables.speaker.character_id: "gone" is not an avatar look of this account.' in told
    assert problems(wanted, row(2, speaker=speaker | {"character_type": "talking_photo"})) == []


def test_a_template_that_nobody_asked_about_is_no_problem() -> None:
    assert problems(Catalogue(), row(2, zzz="Anna")) == []
