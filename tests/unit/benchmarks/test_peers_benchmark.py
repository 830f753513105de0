"""The comparison with other servers: its ratios and bounds, and a peer that is not to be had."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from studio.benchmarks import peer_process, peers_benchmark
from studio.benchmarks.peer_process import Peer, PeerUnavailable, Took, installed, running
from studio.benchmarks.peers_benchmark import (
    Round,
    embedding_figures,
    generation_figures,
    in_turns,
    run_peers_benchmark,
)
from studio.config import Settings
from studio.inference.hardware import Machine

NOBODY = Peer(name="nobody", key="nobody", packages=("nobody==1",))


def took(n: int, *, each_s: float = 0.1, decode_s: float = 1.0) -> Took:
    return Took(seconds=2.0, n=n, each_s=(each_s,) * 20, n_decoded=n, decode_s=decode_s)


def rounds(ours: Took, theirs: Took) -> tuple[Round, ...]:
    return (Round(ours=ours, theirs=theirs),) * 3


def test_both_sides_take_turns_after_one_round_that_does_not_count():
    asked: list[str] = []

    def side(name: str) -> Took:
        asked.append(name)
        return took(len(asked))

    found = in_turns(lambda: side("ours"), lambda: side("theirs"), 2)
    assert asked == ["ours", "theirs"] * 3
    assert [(one.ours.n, one.theirs.n) for one in found] == [(3, 4), (5, 6)]


def test_embedding_is_held_against_the_peer_at_its_precision_and_with_the_own_engine():
    fp32 = rounds(took(200, each_s=0.08), took(160, each_s=0.1))
    many, p95, own = embedding_figures(fp32, rounds(took(304), took(160)))
    assert (many.value, many.bound, many.is_passed) == (1.25, 1.0, True)
    assert (p95.value, p95.bound, p95.is_passed) == (pytest.approx(0.8), 1.0, True)
    assert (own.value, own.bound, own.is_passed) == (1.9, 1.8, True)
    slow = embedding_figures(rounds(took(159, each_s=0.2), took(160)), rounds(took(280), took(160)))
    assert [one.is_passed for one in slow] == [False, False, False]
    assert (
        "80.0 texts/s, peer 80.0"
        in embedding_figures(rounds(took(160), took(160)), rounds(took(160), took(160)))[0].detail
    )


def test_generation_is_held_against_the_peer_at_once_and_alone():
    eight, one = generation_figures(
        rounds(took(450), took(300)), rounds(took(50), took(100, decode_s=1.0))
    )
    assert (eight.value, eight.bound, eight.is_passed) == (1.5, 1.5, True)
    assert (one.value, one.bound, one.is_passed) == (0.5, 0.5, True)
    eight, one = generation_figures(rounds(took(440), took(300)), rounds(took(49), took(100)))
    assert not eight.is_passed
    assert not one.is_passed


def test_a_middle_round_decides_not_the_one_that_a_neighbour_spoiled():
    fair = Round(ours=took(180), theirs=took(100))
    spoiled = Round(ours=took(10), theirs=took(100))
    assert embedding_figures((fair,), (fair, spoiled, fair))[2].value == 1.8


def test_a_peer_that_is_not_to_be_had_is_said_and_is_no_success(monkeypatch):
    def missing(*_):
        raise PeerUnavailable("infinity-emb cannot be installed: no matching distribution")

    figures = generation_figures(rounds(took(450), took(300)), rounds(took(50), took(100)))
    monkeypatch.setattr(peers_benchmark, "_beside_infinity", missing)
    monkeypatch.setattr(peers_benchmark, "_beside_llama", lambda *_: figures)
    report = run_peers_benchmark(None, None, Settings())
    assert report.figures == figures
    assert all(one.is_passed for one in figures)
    assert not report.is_passed
    assert "skipped: infinity-emb cannot be installed: no matching" in report.as_text()


def test_peers_on_a_cpu_are_not_held_against_a_gpu(monkeypatch):
    gpu = Machine(cpu="c", n_cores=8, memory_bytes=1, device="cuda")
    monkeypatch.setattr(peers_benchmark, "describe_machine", lambda: gpu)
    report = run_peers_benchmark(None, None, Settings())
    assert (report.figures, len(report.skipped)) == ((), 2)
    assert not report.is_passed


def test_an_environment_is_made_once_and_again_when_other_packages_are_wanted(
    monkeypatch, tmp_path
):
    commands: list[list[str]] = []

    def run(command):
        commands.append([str(word) for word in command])
        (tmp_path / "nobody").mkdir(exist_ok=True)

    monkeypatch.setattr(peer_process, "_run", run)
    python = installed(NOBODY, tmp_path)
    assert installed(NOBODY, tmp_path) == python
    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]]
    assert commands[1][-1] == "nobody==1"
    installed(Peer(name="nobody", key="nobody", packages=("nobody==2",)), tmp_path)
    assert len(commands) == 4


def test_an_environment_that_cannot_be_made_leaves_nothing(monkeypatch, tmp_path):
    def run(command):
        (tmp_path / "nobody").mkdir(exist_ok=True)
        if "pip" in command:
            raise PeerUnavailable("no matching distribution")

    monkeypatch.setattr(peer_process, "_run", run)
    with pytest.raises(PeerUnavailable, match="nobody cannot be installed: no matching"):
        installed(NOBODY, tmp_path)
    assert not (tmp_path / "nobody").exists()


CHILD = """
import json, sys
print("ready", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if "die" in asked["inputs"]:
        sys.exit("it broke")
    print(json.dumps({"seconds": 0.5, "n": len(asked["inputs"]), "each_s": [0.1]}), flush=True)
"""


@pytest.fixture
def child(monkeypatch, tmp_path) -> Path:
    """A peer that answers, or dies when told to."""
    file = tmp_path / "child.py"
    file.write_text(CHILD, encoding="utf-8")
    monkeypatch.setattr(peer_process.peer_child, "__file__", str(file))
    monkeypatch.setattr(peer_process, "installed", lambda *_: Path(sys.executable))
    return file


def test_a_running_peer_answers_and_is_ended_afterwards(child, tmp_path):
    with running(NOBODY, tmp_path, tmp_path, 2) as peer:
        assert peer.ask(["a", "b", "c"], 2).per_s == 6.0
        process = peer._process
    assert process.poll() is not None


def test_a_peer_that_dies_is_told_with_its_last_words(child, tmp_path):
    with (
        pytest.raises(PeerUnavailable, match="nobody ended with status 1: it broke"),
        running(NOBODY, tmp_path, tmp_path, 2) as peer,
    ):
        peer.ask(["die"], 1)


def test_a_peer_that_is_gone_before_it_is_asked_is_told(child, tmp_path):
    child.write_text("print('ready', flush=True)", encoding="utf-8")
    with running(NOBODY, tmp_path, tmp_path, 2) as peer:
        peer._process.wait(10)
        with pytest.raises(PeerUnavailable, match="nobody ended with status 0: it said nothing"):
            peer.ask(["a"], 1)


def test_a_peer_that_does_not_start_is_told(child, tmp_path):
    child.write_text("raise SystemExit('no such model')", encoding="utf-8")
    with (
        pytest.raises(PeerUnavailable, match="no such model"),
        running(NOBODY, tmp_path, tmp_path, 2),
    ):
        pass


def test_a_peer_that_says_nothing_is_given_up(child, tmp_path, monkeypatch):
    child.write_text("import time; time.sleep(60)", encoding="utf-8")
    monkeypatch.setattr(peer_process, "START_S", 0.2)
    with (
        pytest.raises(PeerUnavailable, match="ended with status"),
        running(NOBODY, tmp_path, tmp_path, 2),
    ):
        pass
