"""An answer in the making can be followed by several readers, stopped, and always ends."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from studio.errors import DataError, StudioError
from studio.prototypes.chatbot.stream import AnswerStream


def test_two_readers_get_the_whole_text_from_the_start() -> None:
    go_on = threading.Event()

    def work(stream: AnswerStream) -> Any:
        stream.enter("writing")
        stream.write("one ")
        go_on.wait(5)
        stream.write("two")
        return "answer"

    stream = AnswerStream("q", work).start()
    first = iter(stream)
    assert next(first) == "one "
    go_on.set()
    assert "".join(first) == "two"
    assert "".join(stream) == "one two"
    assert stream.answer() == "answer"


def test_a_reader_hears_a_heartbeat_while_nothing_comes() -> None:
    go_on = threading.Event()
    stream = AnswerStream("q", lambda _: go_on.wait(5)).start()
    assert next(iter(stream)) == ""
    go_on.set()
    stream.answer(5)


def test_an_error_is_raised_by_the_answer_and_ends_the_readers() -> None:
    def work(_: AnswerStream) -> Any:
        raise DataError("{name} is empty.", name="a.txt")

    stream = AnswerStream("q", work).start()
    assert "".join(stream) == ""
    with pytest.raises(DataError, match=r"a\.txt is empty"):
        stream.answer(5)


def test_an_unexpected_error_gets_an_id_and_keeps_its_details_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def work(_: AnswerStream) -> Any:
        raise ZeroDivisionError("a detail")

    stream = AnswerStream("q", work).start()
    with pytest.raises(StudioError) as caught:
        stream.answer(5)
    assert "a detail" not in str(caught.value)
    assert str(caught.value.notice.values["id"]) in caplog.text


def test_stopping_stops_the_model_even_when_it_begins_later() -> None:
    class Model:
        is_cancelled = False

        def cancel(self) -> None:
            self.is_cancelled = True

    model = Model()
    asked_to_stop = threading.Event()

    def work(stream: AnswerStream) -> Any:
        asked_to_stop.wait(5)
        stream.follow(model)  # type: ignore[arg-type]
        return "partial"

    stream = AnswerStream("q", work).start()
    stream.cancel()
    asked_to_stop.set()
    assert stream.answer(5) == "partial"
    assert model.is_cancelled


def test_waiting_for_an_answer_has_a_limit() -> None:
    go_on = threading.Event()
    stream = AnswerStream("q", lambda _: go_on.wait(5)).start()
    with pytest.raises(TimeoutError):
        stream.answer(0.01)
    go_on.set()
