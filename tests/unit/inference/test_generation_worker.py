from __future__ import annotations

import gc
import threading
import time
from datetime import UTC, datetime

import pytest

from studio.errors import DeadlineExceeded, EngineLost, InvalidInput, ModelUnavailable, Overloaded
from studio.inference.calls import CallMeter
from studio.inference.engines.fake import FakeGenerationEngine
from studio.inference.generation import BESIDE_PEOPLE, PEOPLE_NEAR_S, GenerationWorker
from studio.inference.protocol import StepEvent
from studio.inference.turns import ANYBODY, BURST_S, CALM_S, Turn
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


def ask(worker, text=STORY, records=None, turn=ANYBODY, **sampling):
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
    return worker.submit(request, prompt, meter=meter, on_end=on_end, turn=turn)


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


JOB = Turn(user="job", is_background=True)


def test_a_batch_of_rows_leaves_places_for_people(running):
    engine = Gated(max_concurrent=4, n_reserved=2)
    worker = running(engine)
    rows = [ask(worker, STORY, turn=JOB) for _ in range(64)]
    engine.entered.wait(5)
    assert len(engine._answers) == 4
    person = ask(worker, "a b c")
    engine.allowed.release(4)  # one step that runs already, and three words
    assert person.result(5).text == "a b c"
    assert not any(row._job.outcome.done() for row in rows)
    engine.open()
    assert {row.result(5).text for row in rows} == {STORY}
    assert engine.most_active == 5


def test_rows_keep_away_while_people_are_near_and_come_back(running):
    now_s = [0.0]
    engine = Gated(max_concurrent=12, n_reserved=2)
    worker = running(engine, timer=lambda: now_s[0])
    person = ask(worker, "a")
    engine.entered.wait(5)
    rows = [ask(worker, STORY, turn=JOB) for _ in range(24)]
    engine.allowed.release(1)
    assert person.result(5).text == "a"
    engine.allowed.release(2)  # rows begin now, as many as people who may ask on leave them
    deadline_s = time.monotonic() + 5
    while len(engine._answers) < 2 and time.monotonic() < deadline_s:
        time.sleep(0.01)
    time.sleep(0.1)
    assert len(engine._answers) == 12 // BESIDE_PEOPLE
    now_s[0] += PEOPLE_NEAR_S + 1
    engine.open()
    assert {row.result(5).text for row in rows} == {STORY}
    assert engine.most_active == 12


def test_people_are_admitted_before_rows_that_waited_longer(running):
    engine = Gated(max_concurrent=1)
    worker = running(engine)
    ended = []
    streams = [ask(worker, "a b c", turn=JOB)]
    engine.entered.wait(5)
    for name, turn in (("row", JOB), ("row", JOB), ("person", ANYBODY)):
        stream = ask(worker, f"{name} b c", turn=turn)
        stream._job.outcome.add_done_callback(lambda future: ended.append(future.result().text[:3]))
        streams.append(stream)
    engine.open()
    for stream in streams:
        stream.result(5)
    assert ended == ["per", "row", "row"]


def test_people_who_never_stop_leave_background_work_a_place(running):
    engine = Gated(max_concurrent=1)
    worker = running(engine)
    blocker = ask(worker, "a b")
    engine.entered.wait(5)
    people = [ask(worker, "a b") for _ in range(30)]
    row = ask(worker, "a b", turn=JOB)
    n_before = []
    row._job.outcome.add_done_callback(
        lambda _: n_before.append(sum(one._job.outcome.done() for one in people))
    )
    engine.open()
    for stream in (blocker, row, *people):
        stream.result(5)
    assert n_before[0] < 10


def test_users_are_admitted_in_turn(running):
    engine = Gated(max_concurrent=1)
    worker = running(engine)
    ended = []
    streams = [ask(worker, "x")]
    engine.entered.wait(5)
    for user in ("flood", "flood", "flood", "other"):
        stream = ask(worker, user, turn=Turn(user=user))
        stream._job.outcome.add_done_callback(lambda future: ended.append(future.result().text))
        streams.append(stream)
    engine.open()
    for stream in streams:
        stream.result(5)
    assert ended == ["flood", "other", "flood", "flood"]


def test_a_hanging_step_is_given_up_and_everybody_is_told(running):
    engine = Gated()
    records = []
    worker = running(engine, deadline_s=0.1)
    streams = [ask(worker, STORY, records) for _ in range(3)]
    with pytest.raises(DeadlineExceeded, match=r"within 0.1 s and was given up"):
        list(streams[0])
    for stream in streams:
        with pytest.raises(DeadlineExceeded):
            stream.result(5)
    assert [record.error for record in records] == ["DeadlineExceeded"] * 3
    assert not worker.is_alive
    assert worker.is_running
    engine.open()  # it comes back after all, and nobody is told twice
    wait_until(lambda: not worker.is_running)
    assert len(records) == 3


def test_a_hanging_engine_in_a_process_of_its_own_is_ended(running):
    class Elsewhere(Gated):
        is_killed = False

        def step(self):
            super().step()
            raise EngineLost("It is gone.")

        def kill(self):
            self.is_killed = True
            self.open()
            time.sleep(0.1)  # the step fails meanwhile; its caller has the true reason already

    engine = Elsewhere()
    worker = running(engine, deadline_s=0.1)
    with pytest.raises(DeadlineExceeded):
        ask(worker).result(5)
    wait_until(lambda: not worker.is_running)
    assert engine.is_killed
    assert engine.is_closed


def test_a_lost_engine_is_closed_at_once_and_its_callers_are_told(running):
    class Lost(Gated):
        def step(self):
            super().step()
            raise EngineLost("The model {name} ended.", name="m")

    engine = Lost()
    records = []
    worker = running(engine)
    streams = [ask(worker, STORY, records) for _ in range(2)]
    engine.open()
    for stream in streams:
        with pytest.raises(ModelUnavailable, match=r"^The model m (ended|was unloaded)"):
            stream.result(5)
    wait_until(lambda: not worker.is_running)
    assert engine.is_closed
    with pytest.raises(ModelUnavailable, match="was unloaded"):
        ask(worker)


@pytest.mark.parametrize("how", ["iterate", "result"])
def test_a_text_that_nobody_gets_to_says_its_deadline(running, how):
    engine = Gated(max_concurrent=1)
    worker = running(engine)
    first = ask(worker)
    engine.entered.wait(5)
    records = []
    late = ask(worker, STORY, records, turn=Turn(deadline_s=0.05))
    with pytest.raises(DeadlineExceeded, match=r"nothing of an answer within 0.05 s"):
        list(late) if how == "iterate" else late.result()
    assert [record.error for record in records] == ["DeadlineExceeded"]
    engine.open()
    assert first.result(5).text == STORY
    wait_until(lambda: worker.n_waiting == 0)
    assert len(records) == 1


def test_a_text_that_stops_coming_ends_with_an_error_and_frees_its_place(running):
    class Silent(FakeGenerationEngine):
        def step(self):
            time.sleep(0.002)
            return []

    worker = running(Silent())
    stream = ask(worker, turn=Turn(deadline_s=0.05))
    with pytest.raises(DeadlineExceeded):
        list(stream)
    wait_until(lambda: worker.n_waiting == 0)


def test_people_alone_have_as_many_places_as_are_good_for_them(running):
    engine = Gated(max_concurrent=3, n_reserved=2)
    worker = running(engine)
    streams = [ask(worker, "a b") for _ in range(9)]
    engine.open()
    for stream in streams:
        stream.result(5)
    assert engine.most_active == 3


def test_an_overloaded_model_says_when_to_try_again(running):
    engine = Gated(max_concurrent=2)
    worker = running(engine)
    worker._s_per_person.add(10.0)
    first = [ask(worker, "a b") for _ in range(6)]
    with pytest.raises(Overloaded, match="Try again in 25 s") as caught:
        ask(worker, "a b", turn=Turn(max_wait_s=20))
    assert caught.value.retry_after_s == 25
    ask(worker, "a b", turn=Turn(user="other", max_wait_s=20)).cancel()  # whose turn comes sooner
    engine.open()
    for stream in first:
        stream.result(5)


def test_a_line_that_does_not_end_lets_nobody_in_who_would_wait_for_long(running):
    engine, now_s = Gated(max_concurrent=1), [100.0]
    worker = running(engine, timer=lambda: now_s[0])
    worker._s_per_person.add(2.0)
    turn = Turn(max_wait_s=20)
    writing = ask(worker, "a b", turn=turn)
    assert engine.entered.wait(5)
    waiting = [ask(worker, "a b", turn=turn) for _ in range(5)]  # a burst
    now_s[0] += BURST_S + 0.1
    with pytest.raises(Overloaded, match="5 requests are waiting. Try again in 12 s"):
        ask(worker, "a b", turn=turn)
    engine.open()
    for stream in (writing, *waiting):
        stream.result(5)
    engine.allowed = threading.Semaphore(0)
    now_s[0] += CALM_S + 0.1
    again = [ask(worker, "a b", turn=turn) for _ in range(5)]  # another one
    engine.open()
    for stream in again:
        stream.result(5)


def test_a_long_prompt_that_is_read_for_longer_than_the_deadline_is_waited_for(running):
    class Reading(FakeGenerationEngine):
        n_steps = 0

        def step(self):
            self.n_steps += 1
            time.sleep(0.01)
            if self.n_steps < 30:
                return [StepEvent(handle=handle) for handle in self._answers]
            return super().step()

    stream = ask(running(Reading()), turn=Turn(deadline_s=0.1))
    result = stream.result(5)
    assert result.text == STORY
    assert result.call.first_token_ms > 250


def test_an_answer_that_comes_the_moment_the_wait_ends_is_not_lost(running, monkeypatch):
    stream = ask(running())
    stream.result(5)
    outcome = stream._job.outcome
    answer = outcome.result()
    waits = []

    def result(timeout=None):
        waits.append(timeout)
        if len(waits) == 1:
            raise TimeoutError
        return answer

    monkeypatch.setattr(outcome, "result", result)
    assert stream.result() is answer


def test_a_late_text_has_its_error_even_when_the_worker_looks_at_the_same_moment(running):
    engine = Gated(max_concurrent=1)
    worker = running(engine)
    first = ask(worker)
    engine.entered.wait(5)
    records = []
    late = ask(worker, STORY, records, turn=Turn(deadline_s=0.05))
    finish = worker._finish

    def finish_after_the_worker(job, end):
        worker._drop_cancelled(engine)
        finish(job, end)

    worker._finish = finish_after_the_worker
    with pytest.raises(DeadlineExceeded):
        late.result(5)
    worker._finish = finish
    assert [record.error for record in records] == ["DeadlineExceeded"]
    engine.open()
    first.result(5)


def test_background_work_that_waits_keeps_no_person_out(running):
    engine = Gated(max_concurrent=1)
    worker = running(engine, max_waiting=2)
    job = Turn(is_background=True)
    first = ask(worker)
    wait_until(lambda: len(worker._active) == 1)
    rows = [ask(worker, turn=job) for _ in range(2)]
    with pytest.raises(Overloaded):
        ask(worker, turn=job)
    person = ask(worker)
    engine.open()
    for stream in (first, *rows, person):
        assert stream.result(5).text == STORY
