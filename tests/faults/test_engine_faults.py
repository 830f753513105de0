"""Whatever an engine does, callers get a result or a clear error in time, and the next call works."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from studio.errors import DeadlineExceeded, ModelUnavailable, StudioError
from studio.inference.worker import MOST_FAILURES_IN_A_ROW
from studio.records import Task
from tests.faults.conftest import DEADLINE_S, Broken, within

ASKS = ("embed", "rerank", "write")


def raises(_: object) -> None:
    raise RuntimeError("the device is lost")


def has_no_memory(_: object) -> None:
    raise MemoryError


def ends_the_thread(_: object) -> None:
    raise SystemExit(1)


def ask(broken: Broken, how: str) -> object:
    return getattr(broken, how)("a text")


@pytest.mark.parametrize("how", ASKS)
@pytest.mark.parametrize(
    ("strike", "words"),
    [(raises, "the device is lost"), (has_no_memory, "ran out of memory")],
)
def test_a_failing_pass_is_said_and_the_next_call_works(broken: Broken, how, strike, words) -> None:
    ask(broken, how)
    broken.faults.strike = strike
    with pytest.raises(ModelUnavailable, match=words):
        within(DEADLINE_S, lambda: ask(broken, how))
    broken.faults.heal()
    within(DEADLINE_S, lambda: ask(broken, how))
    assert list(broken.workbench.ledger.frame()["error"].fillna("")) == ["", "ModelUnavailable", ""]


@pytest.mark.parametrize("how", ASKS)
def test_an_engine_that_stays_broken_is_made_anew(broken: Broken, how) -> None:
    ask(broken, how)

    def strike(_: object) -> None:
        if broken.faults.n_made == 1:
            raise RuntimeError("the device is lost")

    broken.faults.strike = strike
    n_failed = 0
    while broken.faults.n_made == 1:
        try:
            within(DEADLINE_S, lambda: ask(broken, how))
        except ModelUnavailable:
            n_failed += 1
        assert n_failed <= MOST_FAILURES_IN_A_ROW
    assert n_failed == MOST_FAILURES_IN_A_ROW
    within(DEADLINE_S, lambda: ask(broken, how))


def test_one_bad_text_does_not_cost_the_model(broken: Broken) -> None:
    broken.embed("a text")

    def strike(batch: object) -> None:
        if "bad" in repr(batch):
            raise MemoryError

    broken.faults.strike = strike
    for _ in range(2):
        with pytest.raises(ModelUnavailable, match="ran out of memory"):
            broken.embed(*(f"text {i}" for i in range(20)), "bad", "good")
    broken.embed("a text")
    assert broken.faults.n_made == 1


@pytest.mark.parametrize("how", ASKS)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_replaced(broken: Broken, how) -> None:
    ask(broken, how)
    broken.faults.strike = ends_the_thread
    with pytest.raises(ModelUnavailable):
        within(DEADLINE_S, lambda: ask(broken, how))
    broken.faults.heal()
    within(DEADLINE_S, lambda: ask(broken, how))
    assert broken.faults.n_made == 2


@pytest.mark.parametrize("how", ASKS)
def test_a_pass_that_hangs_is_given_up_and_the_model_is_loaded_anew(broken: Broken, how) -> None:
    ask(broken, how)
    broken.faults.strike = broken.faults.hang
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(ask, broken, how) for _ in range(4)]
        for future in futures:
            with pytest.raises(DeadlineExceeded, match="and was given up"):
                within(2 * DEADLINE_S, future.result)
    broken.faults.heal()
    within(DEADLINE_S, lambda: ask(broken, how))
    assert broken.faults.n_made == 2
    remarks = [str(one.remark) for one in broken.workbench.models.status() if one.remark]
    assert any("hung and was given up" in remark for remark in remarks) or not remarks


def test_what_a_hanging_copy_holds_is_said_until_it_ends(broken: Broken, monkeypatch) -> None:
    broken.embed("text")
    broken.faults.strike = broken.faults.hang
    with pytest.raises(DeadlineExceeded):
        broken.embed("text")
    broken.faults.heal()
    slot = broken.workbench.models._models._slots[broken.model(Task.EMBEDDING)]
    held = slot.worker
    held._ready.result().__class__  # noqa: B018 - it was loaded
    object.__setattr__(held._ready.result(), "memory_bytes", 300 << 20)
    broken.embed("text")

    def status():
        listed = broken.workbench.models.status()
        return next(one for one in listed if one.id == broken.model(Task.EMBEDDING))

    assert "300 MB of memory stay taken" in str(status().remark)
    assert status().memory_bytes == 300 << 20
    broken.faults.gate.set()
    end = time.monotonic() + 5
    while status().remark is not None:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert status().memory_bytes == 0


def test_too_little_memory_halves_the_batch_until_it_fits(broken: Broken) -> None:
    texts = [f"text {i}" for i in range(50)]
    expected = broken.embed(*texts)

    def strike(batch: object) -> None:
        if len(batch) > 3:
            raise MemoryError

    broken.faults.strike = strike
    np.testing.assert_array_equal(broken.embed(*texts), expected)


def test_closing_the_studio_does_not_wait_for_what_hangs(broken: Broken, monkeypatch) -> None:
    monkeypatch.setattr("studio.inference.worker.CLOSE_S", 0.1)
    broken.embed("text")
    broken.faults.strike = broken.faults.hang
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(broken.embed, "text")
        time.sleep(0.1)
        within(DEADLINE_S, broken.workbench.models.close)
        with pytest.raises(ModelUnavailable):
            waiting.result(DEADLINE_S)


def test_everybody_is_answered_while_faults_come_and_go(broken: Broken) -> None:
    """Twelve callers, a fault of each kind now and then, for four seconds."""
    stop = threading.Event()
    unclear: list[BaseException] = []
    n_answered = n_failed = 0
    lock = threading.Lock()

    def call(how: str) -> None:
        nonlocal n_answered, n_failed
        while not stop.is_set():
            began_s = time.monotonic()
            try:
                getattr(broken, how)("a text")
                with lock:
                    n_answered += 1
            except StudioError:
                with lock:
                    n_failed += 1
            except BaseException as error:  # noqa: BLE001 - what this test looks for
                unclear.append(error)
            assert time.monotonic() - began_s < 3 * DEADLINE_S
            time.sleep(0.002)

    with ThreadPoolExecutor(12) as pool:
        callers = [pool.submit(call, how) for how in ("embed", "write") * 6]
        for strike in (raises, has_no_memory, broken.faults.hang, raises):
            broken.faults.strike = strike
            time.sleep(0.05 if strike != broken.faults.hang else DEADLINE_S * 0.75)
            broken.faults.heal()
            time.sleep(0.3)
        stop.set()
        for caller in callers:
            caller.result(3 * DEADLINE_S)
    assert unclear == []
    assert n_failed > 0
    assert n_answered > 50
    broken.embed("after")
    broken.write("After.")
