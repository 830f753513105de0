"""Another server of models, in a process and an environment of its own; see `peer_process`.

    python -I peer_child.py infinity FOLDER N_THREADS NICENESS
    python -I peer_child.py llama GGUF N_THREADS NICENESS

Runs without the studio. It says on standard output that it is ready, then answers each line of
standard input: `{"inputs": [...], "n_callers": n}` are texts, given to the server by so many callers who
each wait for their answer; what they took comes back as one line. The callers sit in the server's own
process, so no figure of it holds the cost of a connection.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

N_SLOTS = 8
SLOT_TOKENS = 512
N_TOKENS = 96  # of a text; what `peers_benchmark` asks the studio for

Work = Callable[[Sequence[str], int], dict[str, Any]]  # Any: JSON


def main(name: str, model: str, n_threads: int, niceness: int) -> None:
    """Load the server, then answer until standard input ends."""
    if hasattr(os, "sched_getaffinity"):  # Linux, where the studio's own workers have it, too
        os.nice(niceness)
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    work = {"infinity": _infinity, "llama": _llama}[name](model, n_threads)
    print("ready", file=told, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        answer = work(asked["inputs"], asked["n_callers"])
        print(json.dumps(answer), file=told, flush=True)
    os._exit(0)  # threads of the libraries would keep it


def _infinity(folder: str, n_threads: int) -> Work:
    """infinity-emb's engine on the CPU in 32 bits, otherwise as it comes."""
    os.environ["INFINITY_ANONYMOUS_USAGE_STATS"] = "0"
    os.environ["OMP_NUM_THREADS"] = str(n_threads)  # read when torch loads
    from infinity_emb import AsyncEmbeddingEngine, EngineArgs

    loop = asyncio.new_event_loop()
    engine = AsyncEmbeddingEngine.from_args(
        EngineArgs(
            model_name_or_path=folder,
            engine="torch",
            device="cpu",
            dtype="float32",
            bettertransformer=False,  # is gone from the libraries; attention is fused without it
        )
    )
    loop.run_until_complete(engine.astart())

    async def call(texts: Iterator[str], each_s: list[float]) -> None:
        for text in texts:
            began_s = time.perf_counter()
            await engine.embed(sentences=[text])
            each_s.append(time.perf_counter() - began_s)

    async def crowd(texts: Sequence[str], n_callers: int) -> dict[str, Any]:
        waiting, each_s = iter(texts), list[float]()
        began_s = time.perf_counter()
        await asyncio.gather(*(call(waiting, each_s) for _ in range(n_callers)))
        return {"seconds": time.perf_counter() - began_s, "n": len(texts), "each_s": each_s}

    return lambda texts, n_callers: loop.run_until_complete(crowd(texts, n_callers))


def _llama(gguf: str, n_threads: int) -> Work:
    """llama.cpp's server with 8 slots, otherwise as it comes."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = gguf
    params.n_parallel = N_SLOTS
    params.n_ctx = N_SLOTS * SLOT_TOKENS
    params.cpuparams.n_threads = n_threads
    params.cpuparams_batch.n_threads = n_threads
    server = xllamacpp.Server(params)

    def write(prompt: str) -> dict[str, Any]:
        asked = {
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": N_TOKENS,
            "temperature": 0.0,
            "timings_per_token": False,
        }
        timings: dict[str, Any] = server.handle_chat_completions(asked)["timings"]
        return timings

    def crowd(prompts: Sequence[str], n_callers: int) -> dict[str, Any]:
        began_s = time.perf_counter()
        with ThreadPoolExecutor(n_callers) as pool:
            timings = list(pool.map(write, prompts))
        return {
            "seconds": time.perf_counter() - began_s,
            "n": sum(one["predicted_n"] for one in timings),
            # its clock of the text starts at the first token
            "n_decoded": sum(one["predicted_n"] - 1 for one in timings),
            "decode_s": sum(one["predicted_ms"] for one in timings) / 1e3,
        }

    return crowd


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
