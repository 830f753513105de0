from __future__ import annotations

import gc
import threading
import time
from datetime import UTC, datetime

import pytest

from studio.errors import InvalidInput, ModelUnavailable, Overloaded
from studio.inference.calls import CallMeter
from studio.inference.engines.fake import FakeGenerationEngine
from studio.inference.generation import GenerationWorker
from studio.inference.protocol import StepEvent
from studio.records import CallContext, GenerationRequest, Message, Sampling

STORY = "One two three four five six seven eight nine ten"
LONG = " ".join(f"word{i}" for i in range(500))


class Gated(FakeGenerationEngine):
    """Steps only as often as the test allows; notes who was active."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.allowed = threading.Semaphore(0)
        self.entered = threading.Event()
        self.cancelled: list[int] = []
        self.is_closed = False
        self.most_active = 0

    def step(self):
        self.most_active = max(self.most_active, len(self._answers))
        self.entered.set()
        assert self.allowed.acquire(timeout=10)
        return super().step()

    def cancel(self, handle):
        self.cancelled.append(handle)
        super().cancel(handle)

    def close(self):
        self.is_closed = True
        super().close()

    def open(self):
        self.allowed.release(100_000)


@pytest.fixture
def running():
    started = []

    def start(engine=None, **settings):
        engine = engine or FakeGenerationEngine()
        worker = GenerationWorker(lambda: engine, name="m", **settings)
        started.append((worker, engine))
        worker.start()
        return worker

    yield start
    for worker, engine in started:
        if isinstance(engine, Gated):
            engine.open()
        worker.close()


def ask(worker, text=STORY, records=None, **sampling):
    request = GenerationRequest(
        model="m",
        messages=(Message(role="user", content=text),),
        sampling=Sampling(**sampling),
        context=CallContext(request_id="r", prototype_id="p", version=3, surface="page"),
    )
    prompt = worker.prepare(request.messages)
    meter = CallMeter(
        arrived_s=time.perf_counter(), started_at=datetime.now(UTC), tokens_in=prompt.n_tokens
    )
    on_end = (records if records is not None else []).append
    return worker.submit(request, prompt, meter=meter, on_end=on_end)


def wait_until(condition):
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


def test_pieces_and_result_are_the_text(running):
    stream = ask(running())
    assert list(stream) == STORY.replace(" ", "| ").split("|")
    result = stream.result()
    assert (result.text, result.finish_reason) == (STORY, "stop")


def test_record_says_who_what_and_how_long(running):
    records = []
    result = ask(running(FakeGenerationEngine(step_s=0.002)), records=records).result()
    assert records == [result.call]
    call = result.call
    assert (call.request_id, call.prototype_id, call.version, call.surface) == ("r", "p", 3, "page")
    assert (call.tokens_in, call.tokens_out, call.error) == (11, 10, None)
    assert 0 <= call.queue_ms <= call.first_token_ms <= call.total_ms
    assert 20 <= call.busy_ms <= call.total_ms
    assert call.batch_size == 1


def test_stop_string_ends_text_and_frees_the_place(running):
    engine = Gated()
    engine.open()
    result = ask(running(engine), stop=("four five",)).result()
    assert (result.text, result.finish_reason) == ("One two three ", "stop")
    assert engine.cancelled == [1]
    assert result.call.tokens_out == 5


def test_text_that_only_looked_like_a_stop_is_shown(running):
    assert ask(running(), stop=("ten times",)).result().text == STORY


def test_limit_ends_with_length(running):
    result = ask(running(), max_new_tokens=3).result()
    assert (result.text, result.finish_reason, result.call.tokens_out) == (
        "One two three",
        "length",
        3,
    )


def test_limit_holds_for_an_engine_that_forgets_it(running):
    class Endless(Gated):
        def _advance(self, handle):
            return StepEvent(handle=handle, text="x", n_tokens=1)

    engine = Endless()
    engine.open()
    result = ask(running(engine), max_new_tokens=5).result()
    assert (result.text, result.finish_reason) == ("xxxxx", "length")
    assert engine.cancelled


def test_requests_share_steps_and_join_late(running):
    engine = Gated(max_concurrent=2)
    worker = running(engine)
    first, second, third = (ask(worker, text) for text in ("a b c d", "e f", "g h"))
    engine.open()
    assert [s.result().text for s in (first, second, third)] == ["a b c d", "e f", "g h"]
    assert first.result().call.batch_size > 1.5
    assert engine.most_active == 2
    assert third.result().call.queue_ms > 0


def test_step_time_is_divided_by_tokens_and_sums_up(running):
    class Ticking(Gated):
        now_s = 0.0

        def step(self):
            events = super().step()
            self.now_s += 0.01
            return events

    engine = Ticking()
    worker = running(engine, timer=lambda: engine.now_s)
    first = ask(worker, "a b c d e f g h")
    engine.entered.wait(5)
    short = ask(worker, "a b c")  # 4 tokens with its role
    long = ask(worker, "x y z. " + "context " * 91)  # 96 tokens with its role
    engine.open()
    busy_ms = [stream.result().call.busy_ms for stream in (first, short, long)]
    # Alone; then 1 + 4 + 96 tokens, twice a third each; then alone again.
    third = 10 / 3
    assert busy_ms[1] == pytest.approx(10 * 4 / 101 + 2 * third)
    assert busy_ms[2] == pytest.approx(10 * 96 / 101 + 2 * third)
    assert sum(busy_ms) == pytest.approx(80)


def test_cancel_gives_the_part_that_was_drawn(running):
    engine = Gated()
    records = []
    stream = ask(running(engine), LONG, records)
    engine.allowed.release(3)
    pieces = iter(stream)
    assert [next(pieces) for _ in range(3)] == ["word0", " word1", " word2"]
    stream.cancel()
    stream.cancel()
    engine.allowed.release(1)
    assert list(pieces) == []
    result = stream.result(5)
    assert result.finish_reason == "cancelled"
    assert result.text.startswith("word0 word1 word2")
    assert result.call.error is None
    assert len(records) == 1
    assert engine.cancelled == [1]


def test_cancel_while_waiting_never_reaches_the_engine(running):
    engine = Gated(max_concurrent=1)
    worker = running(engine)
    first = ask(worker, "a b c d e f")
    engine.entered.wait(5)
    waiting = ask(worker, "never")
    waiting.cancel()
    engine.open()
    assert waiting.result(5).finish_reason == "cancelled"
    assert waiting.result().text == ""
    assert waiting.result().call.tokens_out == 0
    assert first.result().text == "a b c d e f"


@pytest.mark.parametrize("how", ["break", "drop", "drop_unread"])
def test_a_consumer_that_goes_away_frees_the_place(running, how):
    records = []
    worker = running(FakeGenerationEngine(step_s=0.001))
    stream = ask(worker, LONG, records, max_new_tokens=500)
    if how == "break":
        for _ in stream:
            break
    elif how == "drop":
        pieces = iter(stream)
        next(pieces)
        del pieces, stream
    else:
        del stream
    gc.collect()
    wait_until(lambda: records)
    assert records[0].tokens_out < 400
    wait_until(lambda: worker.n_waiting == 0)


def test_second_loop_over_a_finished_text_ends_at_once(running):
    stream = ask(running())
    assert len(list(stream)) == 10
    assert list(stream) == []


def test_failing_step_ends_all_active_and_the_next_works(running):
    engine = Gated(fail_on_step=2)
    worker = running(engine)
    records = []
    streams = [ask(worker, STORY, records) for _ in range(3)]
    engine.open()
    for stream in streams:
        with pytest.raises(ModelUnavailable, match="asked to fail") as caught:
            list(stream)
        assert isinstance(caught.value.__cause__, RuntimeError)
        with pytest.raises(ModelUnavailable):
            stream.result()
    assert [record.error for record in records] == ["ModelUnavailable"] * 3
    assert sorted(engine.cancelled) == [1, 2, 3]
    assert ask(worker).result().text == STORY


def test_failing_request_fails_alone(running):
    engine = Gated(fail_on_text="poison")
    worker = running(engine)
    bad, good = ask(worker, "poison it"), ask(worker)
    engine.open()
    assert good.result().text == STORY
    with pytest.raises(ModelUnavailable, match="asked to fail"):
        bad.result()


def test_request_that_the_engine_refuses_fails_alone(running):
    class Picky(FakeGenerationEngine):
        def add(self, handle, prompt, sampling):
            if sampling.seed == 13:
                raise ValueError("not thirteen")
            super().add(handle, prompt, sampling)

    worker = running(Picky())
    with pytest.raises(ModelUnavailable, match="not thirteen"):
        ask(worker, seed=13).result()
    assert ask(worker).result().text == STORY


def test_full_queue_refuses_at_once(running):
    engine = Gated(max_concurrent=1)
    worker = running(engine, max_waiting=1)
    first = ask(worker)
    engine.entered.wait(5)
    second = ask(worker)
    with pytest.raises(Overloaded, match="1 requests are waiting"):
        ask(worker)
    engine.open()
    assert [first.result().text, second.result().text] == [STORY, STORY]


def test_prompt_beyond_the_context_says_the_numbers(running):
    worker = running(FakeGenerationEngine(max_tokens=20))
    with pytest.raises(InvalidInput, match=r"it has 31 tokens .* reads at most 20"):
        ask(worker, "word " * 30)


def test_answer_is_cut_to_the_rest_of_the_context(running):
    worker = running(FakeGenerationEngine(max_tokens=15))
    result = ask(worker, STORY, max_new_tokens=1000).result()
    assert (result.call.tokens_in, result.call.tokens_out, result.finish_reason) == (
        11,
        4,
        "length",
    )


@pytest.mark.parametrize(
    "sampling",
    [
        {"max_new_tokens": 0},
        {"temperature": -0.1},
        {"temperature": 2.1},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"repetition_penalty": 0.0},
    ],
)
def test_settings_out_of_range_are_refused_by_name(running, sampling):
    with pytest.raises(InvalidInput, match=next(iter(sampling))):
        ask(running(), **sampling)


def test_closing_ends_active_and_waiting(running):
    engine = Gated(max_concurrent=1)
    worker = running(engine)
    records = []
    active, waiting = ask(worker, STORY, records), ask(worker, STORY, records)
    engine.entered.wait(5)
    closing = threading.Thread(target=worker.close)
    closing.start()
    wait_until(lambda: not worker.is_alive)
    engine.open()
    closing.join(5)
    for stream in (active, waiting):
        with pytest.raises(ModelUnavailable, match="unloaded"):
            stream.result(1)
        with pytest.raises(ModelUnavailable):
            list(stream)
    assert len(records) == 2
    assert engine.is_closed
    with pytest.raises(ModelUnavailable):
        ask(worker)


def test_result_waits_no_longer_than_asked(running):
    engine = Gated()
    stream = ask(running(engine))
    with pytest.raises(TimeoutError):
        stream.result(0.01)
    engine.open()
    assert stream.result(5).text == STORY


def test_rate_counts_tokens(running):
    worker = running()
    ask(worker, LONG, max_new_tokens=120).result()
    assert worker.rate_per_s == pytest.approx(2.0)
