from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from studio.errors import DeadlineExceeded, ModelUnavailable, Overloaded
from studio.inference.batch_lines import (
    CPU_PASS_TOKENS,
    MAX_BATCH,
    MAX_BATCH_TOKENS,
    WINDOW_TOKENS,
    BatchJob,
    BatchLines,
)
from studio.inference.batching import MicroBatcher
from studio.inference.calls import CallMeter
from studio.inference.engines.fake import FakeEmbeddingEngine
from studio.inference.protocol import Prepared
from studio.inference.turns import ANYBODY, BURST_S, Turn


def meter():
    return CallMeter(arrived_s=time.perf_counter(), started_at=datetime.now(UTC))


class Spy(FakeEmbeddingEngine):
    """Notes every batch; a gate lets the test decide when a forward pass may go on."""

    def __init__(self, **faults):
        super().__init__(**faults)
        self.batches: list[list[Prepared]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.threads = set()

    def forward(self, batch):
        self.batches.append(list(batch))
        self.threads.add(threading.current_thread().name)
        self.entered.set()
        assert self.gate.wait(10)
        return super().forward(batch)


@pytest.fixture
def running():
    started = []

    def start(engine, **settings):
        batcher = MicroBatcher(lambda: engine, name="m", **settings)
        started.append((batcher, engine))
        batcher.start()
        return batcher

    yield start
    for batcher, engine in started:
        getattr(engine, "gate", threading.Event()).set()
        batcher.close()


def embed(batcher, *texts, turn=ANYBODY):
    one = meter()
    return batcher.embed(batcher.prepare(texts, "passage"), one, turn), one


def wait_until(condition):
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


def expected(*texts):
    engine = FakeEmbeddingEngine()
    return engine.finish(engine.forward(engine.prepare(texts, "passage")))


def test_vectors_come_in_the_order_of_the_texts(running):
    texts = [f"word{i} " * (i % 40 + 1) for i in range(150)]
    vectors, _ = embed(running(Spy()), *texts)
    np.testing.assert_array_equal(vectors, expected(*texts))
    assert vectors.dtype == np.float32


def test_batches_keep_both_bounds_and_similar_lengths(running):
    engine = Spy(max_tokens=1000)
    embed(running(engine), *[f"w{i} " * (i * 7 % 300 + 1) for i in range(200)])
    for batch in engine.batches:
        lengths = [prepared.n_tokens for prepared in batch]
        assert len(batch) <= MAX_BATCH
        assert len(batch) == 1 or len(batch) * max(lengths) <= MAX_BATCH_TOKENS
        assert len(batch) * max(lengths) - sum(lengths) <= CPU_PASS_TOKENS


def test_a_graphics_card_is_not_asked_twice_for_the_sake_of_padding(running):
    engine = Spy(max_tokens=1000)
    engine.info = replace(engine.info, device="cuda")
    embed(running(engine), "one", "word " * 100, "word " * 200)
    assert [len(batch) for batch in engine.batches] == [3]


def test_everything_waiting_shares_the_next_batch(running):
    engine = Spy()
    batcher = running(engine)
    engine.gate.clear()
    with ThreadPoolExecutor(11) as pool:
        first = pool.submit(embed, batcher, "first")
        engine.entered.wait(5)
        others = [pool.submit(embed, batcher, f"text {i}") for i in range(10)]
        wait_until(lambda: batcher.n_waiting == 11)
        engine.gate.set()
        meters = [other.result()[1] for other in others]
        assert first.result()[1].batch_weight == 1
    assert [len(batch) for batch in engine.batches] == [1, 10]
    assert all(m.batch_weight / m.n_passes == 10 for m in meters)


def test_a_single_text_passes_a_long_request(running):
    engine = Spy(step_s=0.005)
    batcher = running(engine)
    with ThreadPoolExecutor(2) as pool:
        bulk = pool.submit(embed, batcher, *[f"bulk {i} " * 20 for i in range(2000)])
        engine.entered.wait(5)
        n_before = len(engine.batches)
        embed(batcher, "a question")
        n_passes_waited = len(engine.batches) - n_before
        assert not bulk.done()
        assert bulk.result()[0].shape == (2000, 64)
    assert n_passes_waited <= 5  # the running window, its own pass, and no more


def test_a_long_request_is_not_starved_by_small_ones(running):
    engine = Spy(step_s=0.01)  # slow enough that small requests always wait
    batcher = running(engine)
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            embed(batcher, *["question"] * 32)

    with ThreadPoolExecutor(13) as pool:
        askers = [pool.submit(ask) for _ in range(12)]
        bulk = pool.submit(embed, batcher, *[f"bulk {i}" for i in range(320)])
        try:
            assert bulk.result(10)[0].shape == (320, 64)
        finally:
            stop.set()
        for asker in askers:
            asker.result()


def test_one_bad_text_fails_alone(running):
    engine = Spy(fail_on_text="poison")
    batcher = running(engine)
    engine.gate.clear()
    with ThreadPoolExecutor(9) as pool:
        blocker = pool.submit(embed, batcher, "blocker")
        engine.entered.wait(5)
        good = [pool.submit(embed, batcher, f"good {i}") for i in range(7)]
        bad = pool.submit(embed, batcher, "poison")
        wait_until(lambda: batcher.n_waiting == 9)
        engine.gate.set()
        for i, future in enumerate(good):
            np.testing.assert_array_equal(future.result()[0], expected(f"good {i}"))
        with pytest.raises(ModelUnavailable, match="asked to fail"):
            bad.result()
        blocker.result()
    assert embed(batcher, "after")[0].shape == (1, 64)


def test_a_batch_too_large_for_memory_is_halved(running):
    class Small(Spy):
        def forward(self, batch):
            if len(batch) > 4:
                raise MemoryError
            return super().forward(batch)

    vectors, _ = embed(running(Small()), *[f"text {i}" for i in range(30)])
    np.testing.assert_array_equal(vectors, expected(*[f"text {i}" for i in range(30)]))


def test_out_of_memory_for_one_text_says_what_to_do(running):
    class Tiny(Spy):
        def forward(self, batch):
            raise MemoryError

    with pytest.raises(ModelUnavailable, match="ran out of memory"):
        embed(running(Tiny()), "text")


@pytest.mark.parametrize("broken", ["rows", "numbers"])
def test_nonsense_of_the_engine_is_an_error(running, broken):
    class Broken(Spy):
        def finish(self, raw):
            return raw[:0] if broken == "rows" else raw * np.nan

    with pytest.raises(ModelUnavailable):
        embed(running(Broken()), "a", "b")


def test_busy_time_sums_to_the_time_of_the_passes(running):
    engine = Spy(step_s=0.02)
    batcher = running(engine)
    engine.gate.clear()
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(embed, batcher, "x")
        engine.entered.wait(5)
        short = pool.submit(embed, batcher, "a b")
        long = pool.submit(embed, batcher, "a b c d e f")
        wait_until(lambda: batcher.n_waiting == 3)
        engine.gate.set()
        meters = [future.result()[1] for future in (first, short, long)]
    assert meters[2].busy_s == pytest.approx(3 * meters[1].busy_s)
    assert meters[1].busy_s + meters[2].busy_s >= 0.02
    assert meters[1].began_s - meters[1].arrived_s > 0


def test_full_queue_refuses_at_once(running):
    engine = Spy()
    batcher = running(engine, max_waiting=2)
    engine.gate.clear()
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(embed, batcher, f"text {i}") for i in range(2)]
        wait_until(lambda: batcher.n_waiting == 2)
        with pytest.raises(Overloaded, match="2 requests are waiting"):
            embed(batcher, "one too many")
        engine.gate.set()
        for future in waiting:
            future.result()
    assert embed(batcher, "again")[0].shape == (1, 64)


def test_closing_answers_everybody_and_ends_the_thread(running):
    engine = Spy()
    batcher = running(engine)
    engine.gate.clear()
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(embed, batcher, *[f"text {i}"] * 500) for i in range(3)]
        engine.entered.wait(5)
        wait_until(lambda: batcher.n_waiting == 3)
        closing = pool.submit(batcher.close)
        wait_until(lambda: not batcher.is_alive)
        engine.gate.set()
        closing.result(5)
        for future in futures:
            with pytest.raises(ModelUnavailable, match="unloaded"):
                future.result(5)
    with pytest.raises(ModelUnavailable):
        embed(batcher, "late")


def test_an_interrupted_caller_leaves_and_its_rest_is_not_computed(running, monkeypatch):
    engine = Spy()
    batcher = running(engine)
    engine.gate.clear()
    monkeypatch.setattr(
        "studio.inference.batch_lines.Future.result",
        lambda self, timeout=None: (_ for _ in ()).throw(KeyboardInterrupt),
    )
    with pytest.raises(KeyboardInterrupt):
        embed(batcher, *["text"] * 1000)
    monkeypatch.undo()
    engine.gate.set()
    embed(batcher, "next")
    wait_until(lambda: batcher.n_waiting == 0)
    assert sum(len(batch) for batch in engine.batches) < 200


def test_a_failed_load_reaches_the_caller():
    def fail():
        raise OSError("no such file")

    batcher = MicroBatcher(fail, name="m")
    with pytest.raises(OSError, match="no such file"):
        batcher.start()
    assert not batcher.is_alive
    batcher.close()


def test_a_crash_of_the_worker_itself_answers_with_an_error(running, monkeypatch):
    batcher = running(Spy())
    monkeypatch.setattr(batcher._lines, "gather", lambda *_: 1 / 0)
    with pytest.raises(ModelUnavailable, match="ZeroDivisionError"):
        embed(batcher, "text")
    wait_until(lambda: not batcher.is_alive)


def test_engine_lives_in_one_thread(running):
    engine = Spy()
    batcher = running(engine)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: embed(batcher, f"text {i}"), range(50)))
    assert engine.threads == {"model m"}


def test_rate_counts_texts(running):
    batcher = running(Spy())
    embed(batcher, *["text"] * 60)
    assert batcher.rate_per_s == pytest.approx(1.0)


JOB = Turn(user="job", is_background=True)


def test_people_come_between_the_passes_of_a_job_and_nothing_of_it_is_lost(running):
    engine = Spy()
    batcher = running(engine)
    texts = [f"bulk {i}" for i in range(100)]
    engine.gate.clear()
    with ThreadPoolExecutor(2) as pool:
        bulk = pool.submit(embed, batcher, *texts, turn=JOB)
        engine.entered.wait(5)
        person = pool.submit(embed, batcher, "a question")
        wait_until(lambda: batcher.n_waiting == 2)
        engine.gate.set()
        person.result(5)
        np.testing.assert_array_equal(bulk.result(5)[0], expected(*texts))
    assert len(engine.batches[1]) == 1  # the question came next, alone
    assert sum(map(len, engine.batches)) == 101


def test_passes_of_a_job_are_short_while_people_are_about(running):
    class Slow(Spy):
        def forward(self, batch):
            time.sleep(0.002 * len(batch))
            return super().forward(batch)

    engine = Slow()
    batcher = running(engine)
    for _ in range(5):
        embed(batcher, "a question")
    engine.batches.clear()
    embed(batcher, *[f"bulk {i}" for i in range(60)], turn=JOB)
    assert max(map(len, engine.batches)) <= 8
    batcher._lines._people_at_s -= 60  # they are gone
    engine.batches.clear()
    embed(batcher, *[f"bulk {i}" for i in range(60)], turn=JOB)
    assert max(map(len, engine.batches)) == MAX_BATCH


def test_many_texts_at_once_are_background_wherever_they_come_from(running):
    engine = Spy()
    batcher = running(engine)
    engine.gate.clear()
    with ThreadPoolExecutor(2) as pool:
        bulk = pool.submit(embed, batcher, *[f"bulk {i}" for i in range(1000)])
        engine.entered.wait(5)
        person = pool.submit(embed, batcher, "a question")
        wait_until(lambda: batcher.n_waiting == 2)
        engine.gate.set()
        person.result(5)
        bulk.result(5)
    assert len(engine.batches[1]) == 1  # the question came next, and the thousand after it
    assert sum(map(len, engine.batches)) == 1001


def test_users_share_a_model_by_turns(running):
    engine = Spy(step_s=0.002)
    batcher = running(engine)
    engine.gate.clear()
    ended = []

    def ask(user, n):
        embed(batcher, *[f"{user} {i}" for i in range(n)], turn=Turn(user=user, is_background=True))
        ended.append(user)

    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(ask, "blocker", 1)]
        engine.entered.wait(5)
        futures.append(pool.submit(ask, "many", 2000))
        wait_until(lambda: batcher.n_waiting == 2)
        futures.append(pool.submit(ask, "few", 200))
        wait_until(lambda: batcher.n_waiting == 3)
        engine.gate.set()
        for future in futures:
            future.result(10)
    assert ended == ["blocker", "few", "many"]


def test_one_user_cannot_fill_the_queue(running):
    engine = Spy()
    batcher = running(engine, max_waiting=4)
    engine.gate.clear()
    flood, other = Turn(user="flood"), Turn(user="other")
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(embed, batcher, f"text {i}", turn=flood) for i in range(2)]
        wait_until(lambda: batcher.n_waiting == 2)
        with pytest.raises(Overloaded):
            embed(batcher, "one too many", turn=flood)
        waiting.append(pool.submit(embed, batcher, "mine", turn=other))
        wait_until(lambda: batcher.n_waiting == 3)
        engine.gate.set()
        for future in waiting:
            future.result(5)


def test_a_line_that_does_not_end_lets_nobody_in_who_would_wait_for_long(running):
    engine, now_s = Spy(), [100.0]
    batcher = running(engine, timer=lambda: now_s[0])
    batcher._s_per_person.add(0.4)
    turn = Turn(max_wait_s=20)
    engine.gate.clear()
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(embed, batcher, "text 0", turn=turn)]
        assert engine.entered.wait(5)
        waiting += [pool.submit(embed, batcher, f"text {i}", turn=turn) for i in range(1, 6)]
        wait_until(lambda: batcher.n_waiting == 6)
        now_s[0] += BURST_S + 0.1
        with pytest.raises(Overloaded, match=r"6 requests are waiting"):
            embed(batcher, "one too many", turn=turn)
        engine.gate.set()
        for future in waiting:
            future.result(5)
    embed(batcher, "later", turn=turn)


def test_what_would_wait_too_long_is_refused_at_once_with_a_time(running):
    engine = Spy(step_s=0.05)
    batcher = running(engine)
    embed(batcher, "so long it takes")
    batcher._s_per_person.value = 0.05  # whatever else the machine did meanwhile
    engine.gate.clear()
    patient, hasty = Turn(user="a"), Turn(user="a", max_wait_s=0.1)
    with ThreadPoolExecutor(40) as pool:
        waiting = [pool.submit(embed, batcher, f"text {i}", turn=patient) for i in range(40)]
        wait_until(lambda: batcher.n_waiting == 40)
        began_s = time.perf_counter()
        with pytest.raises(
            Overloaded, match=r"40 requests are waiting. Try again in 2 s"
        ) as caught:
            embed(batcher, "one too many", turn=hasty)
        assert time.perf_counter() - began_s < 1
        assert caught.value.retry_after_s == 2
        engine.gate.set()
        for future in waiting:
            future.result(5)


def test_a_hanging_pass_is_given_up_and_everybody_is_told(running):
    engine = Spy()
    batcher = running(engine, deadline_s=0.1)
    engine.gate.clear()
    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(embed, batcher, f"text {i}") for i in range(3)]
        for future in futures:
            with pytest.raises(DeadlineExceeded, match=r"within 0.1 s and was given up"):
                future.result(5)
    assert not batcher.is_alive
    assert batcher.is_running  # nothing can end it
    assert batcher.n_waiting == 0
    engine.gate.set()
    wait_until(lambda: not batcher.is_running)


def test_a_request_that_nobody_gets_to_says_its_deadline(running):
    engine = Spy()
    batcher = running(engine)
    engine.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        blocker = pool.submit(embed, batcher, "blocker")
        engine.entered.wait(5)
        with pytest.raises(DeadlineExceeded, match=r"nothing of an answer within 0.05 s"):
            embed(batcher, "late", turn=Turn(deadline_s=0.05))
        assert batcher.n_waiting == 1
        engine.gate.set()
        blocker.result(5)
    assert len(engine.batches) == 1  # what nobody waits for is not computed
    assert embed(batcher, "after")[0].shape == (1, 64)


def test_a_long_job_may_take_longer_than_its_deadline_as_long_as_it_gets_on(running):
    texts = [f"text {i}" for i in range(640)]
    turn = Turn(is_background=True, deadline_s=0.15)
    vectors, one = embed(running(Spy(step_s=0.02)), *texts, turn=turn)
    assert vectors.shape == (640, 64)
    assert one.busy_s > 0.3


def test_closing_does_not_wait_for_a_hanging_pass_for_ever(running, monkeypatch):
    monkeypatch.setattr("studio.inference.worker.CLOSE_S", 0.05)
    engine = Spy()
    batcher = running(engine)
    engine.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(embed, batcher, "text")
        engine.entered.wait(5)
        batcher.close()
        with pytest.raises(ModelUnavailable, match="unloaded"):
            waiting.result(5)
        engine.gate.set()


def test_an_answer_that_comes_the_moment_the_wait_ends_is_not_lost(running, monkeypatch):
    batcher = running(Spy())
    job = BatchJob.of(batcher.prepare(["text"], "passage"), meter(), ANYBODY, batcher._timer())
    answer = expected("text")
    job.future.set_result(answer)
    result = job.future.result
    waits = []

    def late(timeout=None):
        waits.append(timeout)
        if len(waits) == 1:
            raise TimeoutError
        return result(timeout)

    monkeypatch.setattr(job.future, "result", late)
    assert batcher._awaited(job) is answer


def test_texts_without_tokens_are_embedded(running):
    class Wordless(Spy):
        def prepare(self, texts, purpose):
            return [replace(one, n_tokens=0) for one in super().prepare(texts, purpose)]

    vectors, _ = embed(running(Wordless()), "one", "two")
    np.testing.assert_array_equal(vectors, expected("one", "two"))


def test_users_pay_for_the_tokens_that_are_taken_and_not_for_those_that_wait():
    lines = BatchLines()
    long = [Prepared(payload=None, n_tokens=500)] * 64
    short = [Prepared(payload=None, n_tokens=100)] * 250
    jobs = {
        user: BatchJob.of(inputs, meter(), Turn(user=user), 0.0)
        for user, inputs in (("long", long), ("short", short))
    }
    n_tokens = dict.fromkeys(jobs, 0)
    for job in jobs.values():
        lines.add(job, 0.0)
    for _ in range(11):
        for item in lines.gather(0.0, 0.0, 0.0).items:
            n_tokens[item.job.turn.user] += item.prepared.n_tokens
    assert all(job.rows_left for job in jobs.values())
    assert n_tokens["long"] == pytest.approx(n_tokens["short"], abs=WINDOW_TOKENS)


def test_what_is_put_back_is_not_paid_for_twice():
    lines = BatchLines()
    inputs = [Prepared(payload=None, n_tokens=100)] * 64
    first = BatchJob.of(inputs, meter(), Turn(user="a", is_background=True), 0.0)
    other = BatchJob.of(inputs, meter(), Turn(user="b", is_background=True), 0.0)
    lines.add(first, 0.0)
    lines.add(other, 0.0)
    window = lines.gather(0.0, 0.0, 0.0)
    taken = {job: sum(item.job is job for item in window.items) for job in (first, other)}
    assert taken[first] > taken[other] > 0
    lines.put_back([item for item in window.items if item.job is first], 0.0)
    again = lines.gather(0.0, 0.0, 0.0)
    assert {job: sum(item.job is job for item in again.items) for job in (first, other)} == taken


def test_background_work_that_waits_keeps_no_person_out(running):
    engine = Spy()
    batcher = running(engine, max_waiting=2)
    engine.gate.clear()
    job = Turn(is_background=True)
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(embed, batcher, f"row {i}", turn=job) for i in range(2)]
        wait_until(lambda: batcher.n_waiting == 2)
        with pytest.raises(Overloaded):
            embed(batcher, "one too many", turn=job)
        futures.append(pool.submit(embed, batcher, "of a person"))
        wait_until(lambda: batcher.n_waiting == 3 or futures[-1].done())
        engine.gate.set()
        for future in futures:
            future.result(5)


def test_a_busy_endpoint_is_not_asked_by_halves(running):
    class Busy(Spy):
        def forward(self, batch):
            super().forward(batch)
            raise Overloaded("Busy.", retry_after_s=7)

    engine = Busy()
    with pytest.raises(Overloaded) as caught:
        embed(running(engine), *(f"text {i}" for i in range(8)))
    assert caught.value.retry_after_s == 7
    assert len(engine.batches) == 1
