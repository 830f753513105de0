from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pytest

from studio.errors import ModelUnavailable, Overloaded
from studio.inference.batching import MAX_BATCH, MAX_BATCH_TOKENS, MicroBatcher
from studio.inference.calls import CallMeter
from studio.inference.engines.fake import FakeEmbeddingEngine
from studio.inference.protocol import Prepared


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


def embed(batcher, *texts):
    one = meter()
    return batcher.embed(batcher.prepare(texts, "passage"), one), one


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
    padded = sum(len(b) * max(p.n_tokens for p in b) for b in engine.batches)
    assert padded < 1.3 * sum(p.n_tokens for b in engine.batches for p in b)


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
        "studio.inference.batching.Future.result",
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
    monkeypatch.setattr(batcher, "_gather", lambda: 1 / 0)
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
