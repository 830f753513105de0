"""A model of one matrix with dropout that learns how long texts are: fast, and random on purpose."""

from __future__ import annotations

from collections.abc import Sequence

from studio.inference.training.plan import TrainingPair


class LinearTrainee:
    """Learns from pairs; `fails_at` raises an error at that call of `loss`, counted from 1."""

    least_batch = 1

    def __init__(self, seed: int = 0) -> None:
        import torch

        torch.manual_seed(seed)
        self._layer = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.5))
        self._head = torch.nn.Linear(8, 1)
        self.n_calls = 0
        self.largest_batch = 1000
        self.fails_at = 0
        self.nan_at = 0

    def weights(self):
        named = [*self._layer.named_parameters("layer"), *self._head.named_parameters("head")]
        return dict(named)

    def loss(self, pairs: Sequence[TrainingPair]):
        import torch

        self.n_calls += 1
        if self.n_calls == self.fails_at:
            raise KeyboardInterrupt
        if len(pairs) > self.largest_batch:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        self._layer.train()
        loss = self._losses(pairs).mean()
        return (loss * float("nan") if self.n_calls == self.nan_at else loss), len(pairs)

    def losses(self, pairs: Sequence[TrainingPair]) -> list[float]:
        self._layer.eval()
        return [float(value) for value in self._losses(pairs).detach()]

    def _losses(self, pairs: Sequence[TrainingPair]):
        import torch

        inputs = torch.tensor(
            [[len(p.prompt) / 10, len(p.answer) / 10, p.prompt.count("a"), 1.0] for p in pairs]
        )
        wanted = inputs[:, 0] * 2 - inputs[:, 1]
        return (self._head(self._layer(inputs))[:, 0] - wanted) ** 2
