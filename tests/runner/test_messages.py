"""When the provider's messages are relied on, and when a run looks for itself."""

from __future__ import annotations

from batchgen.runner.pacing import WITHOUT_A_WORD, Messages


def listened_to() -> Messages:
    messages = Messages()
    messages.is_listened_to = True
    return messages


def test_where_nobody_listens_nothing_is_relied_on() -> None:
    assert not Messages().come


def test_messages_are_relied_on_until_several_renders_end_without_a_word() -> None:
    messages = listened_to()
    for _ in range(WITHOUT_A_WORD - 1):
        messages.missed()
        assert messages.come
    messages.missed()
    assert not messages.come


def test_a_message_that_comes_after_all_is_relied_on_again() -> None:
    messages = listened_to()
    for _ in range(10):
        messages.missed()
    messages.came()
    assert messages.come
