"""How many threads the numerical libraries use while a method is fitted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


def n_threads() -> int:
    """Threads to fit with: all processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep the linear algebra below `implicit` on one thread: its own threads call it at once.

    `implicit` warns about it otherwise, and is slower.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield
