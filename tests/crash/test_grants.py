"""What the oracle lets a person's orders excuse, and what not."""

from __future__ import annotations

from tests.crash.grants import Grant, Grants

ANNA = ("For Anna", "Hello Anna.")


def _retry(*, accepted: int, waits: bool = False) -> Grant:
    return Grant(request=ANNA, wish="retry", entry_id=1, accepted=accepted, waits=waits)


def test_an_order_between_two_videos_explains_the_second_and_no_third() -> None:
    grants = Grants([_retry(accepted=1)])
    assert grants.take(ANNA, before=1, after=2)
    assert not grants.take(ANNA, before=2, after=3)


def test_an_order_from_before_both_videos_explains_nothing() -> None:
    assert not Grants([_retry(accepted=0)]).take(ANNA, before=1, after=2)


def test_an_order_that_came_after_the_second_video_explains_nothing() -> None:
    assert not Grants([_retry(accepted=2)]).take(ANNA, before=1, after=2)


def test_an_order_that_waits_for_a_run_may_be_carried_out_after_a_video_that_was_on_its_way() -> None:
    assert Grants([_retry(accepted=0, waits=True)]).take(ANNA, before=1, after=2)


def test_an_order_for_one_row_explains_nothing_of_another() -> None:
    assert not Grants([_retry(accepted=1)]).take(("For Ben", "Hello Ben."), before=1, after=2)
