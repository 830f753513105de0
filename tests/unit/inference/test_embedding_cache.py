"""Vectors are found again, by everybody and after a restart, and never a wrong one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.inference.embedding_cache import EmbeddingCache, keys_of
from studio.inference.protocol import EngineInfo
from studio.records import Task

INFO = EngineInfo(
    model="m",
    task=Task.EMBEDDING,
    revision="r1",
    engine="fake",
    device="cpu",
    precision="fp32",
    max_tokens=256,
    dim=8,
)
GB = 2**30


def vector_of(text: str) -> np.ndarray:
    return np.random.default_rng(abs(hash(text))).random(INFO.dim, np.float32)


class Model:
    """Embeds, and counts what it was given."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, texts):
        self.seen += texts
        return np.stack([vector_of(text) for text in texts]), tuple(len(t) for t in texts)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "embeddings.db"


@pytest.fixture
def make(path):
    made = []

    def make_(max_bytes: int = GB) -> EmbeddingCache:
        made.append(EmbeddingCache(path, max_bytes))
        return made[-1]

    yield make_
    for cache in made:
        cache.close()


def embed(cache: EmbeddingCache, *texts: str, info: EngineInfo = INFO, purpose: str = "passage"):
    """What comes back, checked against the model, and what the model was asked."""
    model = Model()
    vectors, n_tokens = cache.through(info, purpose, texts, model)
    np.testing.assert_array_equal(vectors, np.stack([vector_of(text) for text in texts]))
    assert vectors.dtype == np.float32
    assert n_tokens == tuple(len(text) for text in texts)
    return model.seen


def test_only_what_is_new_is_computed_and_the_order_stays(make):
    cache = make()
    assert embed(cache, "b", "a", "b") == ["b", "a"]
    assert embed(cache, "c", "a", "d", "b", "c") == ["c", "d"]
    assert embed(cache, *"dcba") == []


def test_vectors_are_there_after_a_restart(make):
    first = make()
    embed(first, "a")
    first.close()
    assert embed(make(), "a", "b") == ["b"]


@pytest.mark.parametrize(
    "other",
    [
        {"model": "m2"},
        {"revision": "r2"},
        {"engine": "torch"},
        {"precision": "bf16"},
        {"max_tokens": 128},
    ],
)
def test_another_model_in_any_respect_has_vectors_of_its_own(make, other):
    cache = make()
    embed(cache, "a")
    assert embed(cache, "a", info=replace(INFO, **other)) == ["a"]
    assert embed(cache, "a", purpose="query") == ["a"]


def test_names_cannot_run_into_each_other():
    keys = {
        keys_of(replace(INFO, model=model, revision=revision), "passage", [text])[0]
        for model, revision, text in [("m", "r1", "x"), ("mr", "1", "x"), ("m", "r", "1x")]
    }
    assert len(keys) == 3


def test_an_odd_character_is_no_obstacle(make):
    assert embed(make(), "\ud800 half", "\0", "") == ["\ud800 half", "\0", ""]


def test_a_vector_of_another_length_is_computed_again(make):
    cache = make()
    embed(cache, "a")
    assert cache.find(keys_of(INFO, "passage", ["a"]), dim=9) == {}


def test_a_changed_byte_in_a_vector_is_noticed_and_the_file_made_anew(make, path, caplog):
    cache = make()
    embed(cache, *"abc")
    cache.close()
    with sqlite3.connect(path) as file:
        (stored,) = file.execute("SELECT vector FROM vectors WHERE id = 2").fetchone()
        file.execute(
            "UPDATE vectors SET vector = ? WHERE id = 2", (bytes([stored[0] ^ 1]) + stored[1:],)
        )
    file.close()
    again = make()
    assert "b" in embed(again, *"abc")
    assert "damaged" in caplog.text
    embed(again, *"abc")
    assert embed(again, *"abc") == []


@pytest.mark.parametrize("damage", ["garbage", "truncated", "foreign", "newer", "empty"])
def test_a_damaged_file_is_dropped_and_made_anew(make, path, damage):
    cache = make()
    embed(cache, *(f"text {i}" for i in range(3000)))
    cache.close()
    whole = path.read_bytes()
    if damage == "garbage":
        path.write_bytes(b"x" * 5000)
    elif damage == "truncated":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        with sqlite3.connect(path) as file:
            file.execute("DROP TABLE vectors" if damage == "foreign" else "PRAGMA user_version = 9")
        file.close()
    again = make()
    for _ in range(3):
        embed(again, *(f"text {i}" for i in range(3000)))
    assert embed(again, *(f"text {i}" for i in range(3000))) == []


@pytest.mark.parametrize("seed", range(20))
def test_random_damage_never_gives_a_wrong_vector(make, path, seed):
    rng = np.random.default_rng(seed)
    texts = [f"text {i}" for i in range(400)]
    cache = make()
    embed(cache, *texts)
    cache.close()
    content = bytearray(path.read_bytes())
    for at in rng.integers(0, len(content), 40):
        content[at] ^= int(rng.integers(1, 256))
    path.write_bytes(content)
    again = make()
    for _ in range(4):
        embed(again, *texts)


def test_a_folder_that_cannot_be_written_costs_no_answer(tmp_path, caplog):
    (tmp_path / "cache").write_text("in the way")
    cache = EmbeddingCache(tmp_path / "cache" / "embeddings.db", GB)
    assert embed(cache, "a") == ["a"]
    assert embed(cache, "a") == ["a"]
    assert caplog.text.count("not kept") == 1


def test_the_file_stays_within_its_size_and_keeps_what_was_used_last(make, path):
    limit = 40 * 16_384
    cache = make(limit)
    wide = replace(INFO, dim=384)

    def seen(*texts: str) -> list[str]:
        asked: list[str] = []

        def compute(missing):
            asked.extend(missing)
            return np.ones((len(missing), 384), np.float32), (1,) * len(missing)

        cache.through(wide, "passage", texts, compute)
        return asked

    loved = [f"loved {i}" for i in range(20)]
    seen(*loved)
    for batch in range(60):
        seen(*(f"text {batch} {i}" for i in range(20)))
        assert seen(*loved) == []
    cache.close()
    assert path.stat().st_size <= 1.1 * limit
    assert seen("text 0 0") == ["text 0 0"]
    assert seen("text 59 0") == []


def test_a_failing_model_leaves_nothing_behind(make):
    cache = make()

    def fail(texts):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        cache.through(INFO, "passage", ["a"], fail)
    assert embed(cache, "a") == ["a"]


def test_threads_share_it(make):
    cache, errors = make(), []

    def work(number: int) -> None:
        try:
            for i in range(30):
                embed(cache, f"shared {i}", f"{number} {i}")
        except AssertionError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert embed(cache, *(f"{n} {i}" for n in range(8) for i in range(30))) == []


WRITER = """
import sys
import numpy as np
from pathlib import Path
from studio.inference.embedding_cache import EmbeddingCache, Entry
cache = EmbeddingCache(Path(sys.argv[1]), 1 << 30)
for i in range(100):
    key = f"{sys.argv[2]}-{i}".encode()
    cache.keep({key: Entry(np.full(8, i, np.float32), i)})
    assert cache.find([key], 8)[key].n_tokens == i
"""


def test_processes_share_it(make, path):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name])
        for name in ("a", "b", "c")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    found = make().find([f"{name}-{i}".encode() for name in "abc" for i in range(100)], 8)
    assert len(found) == 300
    assert found[b"b-7"].vector.tolist() == [7.0] * 8


def test_known_keys_are_told_without_computing(make):
    cache = make()
    embed(cache, "a", "b")
    a, b, c = keys_of(INFO, "passage", ["a", "b", "c"])
    assert cache.known([a, b, c]) == {a, b}
    assert cache.known([]) == frozenset()
