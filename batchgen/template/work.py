"""How much one rendering may do. Every operation that could grow is charged here first."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2.exceptions import SecurityError

MOST_STEPS = 10_000
"""Steps of all loops of one rendering together."""

MOST_CHARACTERS = 100_000
"""Characters of one text; a cell holds at most 32,767 and a script 5,000."""

MOST_TOUCHED = 5_000_000
"""Characters that all operations of one rendering read or write together."""


class Refused(SecurityError):
    """A template asked for more than a template may; ``hint`` says what to do instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


class NoSuchColumn(Refused):
    """A placeholder that no column fills."""


@dataclass(slots=True)
class Work:
    """What is left of one rendering's allowance. The counts make every rendering end, on any machine."""

    steps_left: int = MOST_STEPS
    touched_left: int = MOST_TOUCHED

    def begin(self) -> None:
        """Start a new rendering."""
        self.steps_left = MOST_STEPS
        self.touched_left = MOST_TOUCHED

    def step(self, steps: int) -> None:
        """Charge loop steps."""
        self.steps_left -= steps
        if self.steps_left < 0:
            raise Refused(f"its loops take more than {MOST_STEPS:,} steps.", "Loop over less.")

    def touch(self, characters: int) -> None:
        """Charge characters that an operation reads or writes."""
        self.touched_left -= characters
        if self.touched_left < 0:
            raise Refused("it works on too much text.", "Make the template simpler.")

    def grow(self, characters: int) -> None:
        """Charge a text of this length, before it is made."""
        if characters > MOST_CHARACTERS:
            raise Refused(f"it makes a text longer than {MOST_CHARACTERS:,} characters.", "Make it shorter.")
        self.touch(characters)
