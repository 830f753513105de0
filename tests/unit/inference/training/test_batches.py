"""The order in which pairs are learnt."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.inference.training.batches import epoch_order, take_batch
from studio.inference.training.plan import TrainingPair


def test_every_epoch_has_another_order_and_the_seed_decides_it() -> None:
    assert epoch_order(20, 1, 0) == epoch_order(20, 1, 0)
    assert epoch_order(20, 1, 0) != epoch_order(20, 1, 1)
    assert epoch_order(20, 1, 0) != epoch_order(20, 2, 0)
    assert sorted(epoch_order(20, 1, 5)) == list(range(20))


@given(
    texts=st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), max_size=30),
    size=st.integers(1, 8),
)
def test_batches_hold_every_pair_once_and_no_text_twice(texts, size) -> None:
    pairs = [TrainingPair(prompt=prompt, answer=answer) for prompt, answer in texts]
    waiting, seen = list(range(len(pairs))), []
    while waiting:
        batch, waiting = take_batch(pairs, waiting, size)
        assert 1 <= len(batch) <= size
        assert len({pairs[n].prompt for n in batch}) == len(batch)
        assert len({pairs[n].answer for n in batch}) == len(batch)
        seen += batch
    assert sorted(seen) == list(range(len(pairs)))
