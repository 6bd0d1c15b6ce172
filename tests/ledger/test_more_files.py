"""Which succeeded entries lack files that their job asks for, and how those get their names."""

from __future__ import annotations

from batchgen.ledger import Queries, Status, Stored
from tests.ledger.book import FOLDER, JOB, Book, request

GIF = Stored(kind="gif", path="a.gif", size_bytes=3, sha256="ab" * 32)


def lacking(book: Book, *kinds: str) -> list[tuple[str, ...]]:
    return [lacks.kinds for lacks in book.ledger.lacking_files(book.run, kinds)]


def test_a_succeeded_entry_lacks_what_was_not_stored_and_others_lack_nothing(book: Book) -> None:
    entry = book.brought_to(Status.SUCCEEDED)
    book.brought_to(Status.RENDERED, request("A-2", number=3, stem="b"))
    assert lacking(book, "video", "gif", "thumbnail") == [("gif", "thumbnail")]
    book.ledger.files_wanted(book.run, entry.id, folder=FOLDER, names={"gif": ["a.gif"]})
    assert lacking(book, "gif", "thumbnail") == [("gif", "thumbnail")]
    book.ledger.files_added(book.run, entry.id, stored=[GIF], note="")
    assert lacking(book, "gif", "thumbnail") == [("thumbnail",)]
    assert lacking(book, "gif") == lacking(book) == []


def test_a_file_that_is_still_wanted_is_told_once(book: Book) -> None:
    """Not by every run that tries to fetch it again."""
    entry = book.brought_to(Status.SUCCEEDED)
    for _ in range(2):
        book.ledger.files_wanted(book.run, entry.id, folder=FOLDER, names={"gif": ["a.gif"]})
    (told,) = book.sql("SELECT details FROM events WHERE event = 'files_wanted'")
    assert told["details"] == '{"files":["a.gif"]}'


def test_an_entry_that_another_request_replaced_lacks_nothing(book: Book) -> None:
    entry = book.brought_to(Status.SUCCEEDED)
    book.sql("UPDATE entries SET superseded_at = 1 WHERE id = ?", entry.id)
    assert lacking(book, "gif") == []


def test_it_is_known_whether_the_provider_had_such_a_file(book: Book) -> None:
    book.brought_to(Status.SUCCEEDED)  # with a link to the video only
    given = [book.ledger.lacking_files(book.run, [kind])[0].is_given_any for kind in ("gif", "captioned_video")]
    assert given == [False, False]
    book.sql("""UPDATE entries SET links = '{"gif": "https://files.example.com/v1.gif"}'""")
    assert [lacks.is_given_any for lacks in book.ledger.lacking_files(book.run, ["gif", "captioned_video"])] == [True]


def test_the_results_show_the_note_and_the_file_that_came_later(book: Book) -> None:
    entry = book.brought_to(Status.SUCCEEDED)
    book.ledger.files_wanted(book.run, entry.id, folder=FOLDER, names={"gif": ["a.gif"]})
    book.ledger.files_added(book.run, entry.id, stored=[GIF], note="not available: thumbnail")
    result = Queries(book.ledger.engine).detailed_results(JOB)["A-1"]
    assert result.details is not None
    assert (result.status, result.note, result.details.files["gif"]) == (
        Status.SUCCEEDED,
        "not available: thumbnail",
        "a.gif",
    )
