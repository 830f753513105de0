from __future__ import annotations

import pytest

from studio.errors import InvalidInput
from studio.retrieval.index_choice import EXACT_UP_TO, HNSW_UP_TO, choose_index

MIB = 1 << 20


@pytest.mark.parametrize(
    ("n", "memory_mb", "kind"),
    [
        (0, 0, "exact"),
        (EXACT_UP_TO, 0, "exact"),
        (EXACT_UP_TO + 1, None, "hnsw"),
        (HNSW_UP_TO, 100, "hnsw"),
        (HNSW_UP_TO, 25, "ivf"),
        (HNSW_UP_TO + 1, None, "ivf"),
        (1_000_000, 500, "ivf"),
        (1_000_000, 200, "ivf_compact"),
        (1_000_000, 1, "ivf_compact"),
    ],
)
def test_size_and_memory_choose_and_say_why(n, memory_mb, kind) -> None:
    choice = choose_index(n, 384, None if memory_mb is None else memory_mb * MIB)

    assert choice.kind == kind
    assert str(n) in str(choice.reason)
    if memory_mb and memory_mb > 1 and kind != "exact":
        assert choice.memory_bytes <= memory_mb * MIB


def test_a_users_wish_comes_first() -> None:
    choice = choose_index(10, 384, 0, "hnsw")

    assert (choice.kind, str(choice.reason)) == ("hnsw", "Chosen by you.")


@pytest.mark.parametrize(
    ("n", "lists"), [(1, 1), (39, 1), (8_000, 256), (100_000, 1024), (10**6, 8192)]
)
def test_lists_grow_with_the_root(n, lists) -> None:
    assert choose_index(n, 384, wish="ivf").parameters == {"lists": lists}


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InvalidInput, match="exact, hnsw, ivf, ivf_compact"):
        choose_index(10, 384, wish="tree")
