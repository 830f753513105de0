"""Prompts with their answers as a chat model reads them, and what the model loses on the answers.

Only the answer counts for the loss. Knows no training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studio.errors import InvalidInput, ModelUnavailable
from studio.inference.training.plan import TrainingPair

IGNORED = -100  # torch's mark for tokens that do not count
LEAST_ANSWER = 8
"""Tokens of an answer that are left when a text is cut."""


class ChatTokens:
    """Turns pairs into token ids with a model's own chat template.

    Args:
        tokenizer: of transformers.
        max_tokens: where a prompt with its answer is cut.

    Raises:
        ModelUnavailable: the tokenizer has no chat template.
    """

    def __init__(self, tokenizer: Any, max_tokens: int) -> None:  # Any: imported lazily elsewhere
        if not getattr(tokenizer, "chat_template", None):
            raise ModelUnavailable(
                "The model was not made for conversations: it has no chat template. Choose an "
                "instruct or chat version of it."
            )
        self._tokenizer = tokenizer
        self._max_tokens = max_tokens

    def of(self, pair: TrainingPair) -> tuple[list[int], list[int]]:
        """Token ids of a prompt with all that the template puts around it, and of its answer.

        Too long ones lose the end of the answer, and then the beginning of the prompt.

        Raises:
            InvalidInput: nothing of the answer is a token.
        """
        asked = [{"role": "user", "content": pair.prompt}]
        said = [*asked, {"role": "assistant", "content": pair.answer}]
        template = self._tokenizer.apply_chat_template
        before = template(asked, add_generation_prompt=True, tokenize=False)
        whole = template(said, tokenize=False)
        if not whole.startswith(before):
            whole = before + pair.answer + (self._tokenizer.eos_token or "")
        encode = self._tokenizer.encode
        prompt = list(encode(before, add_special_tokens=False))
        answer = list(encode(whole[len(before) :].rstrip("\n"), add_special_tokens=False))
        answer = answer[: max(LEAST_ANSWER, self._max_tokens - len(prompt))]
        if not answer:
            raise InvalidInput("An answer has no words that the model knows.")
        return prompt[-max(1, self._max_tokens - len(answer)) :], answer

    def batch(self, pairs: Sequence[TrainingPair], device: str) -> tuple[dict[str, Any], int]:
        """Token ids, mask and labels, `(n, tokens)` each, padded on the right; and tokens in all."""
        import torch

        rows = [self.of(pair) for pair in pairs]
        width = max(len(prompt) + len(answer) for prompt, answer in rows)
        padding = self._tokenizer.pad_token_id
        if padding is None:
            padding = self._tokenizer.eos_token_id or 0
        ids = torch.full((len(rows), width), padding, dtype=torch.int64)
        mask = torch.zeros_like(ids)
        labels = torch.full_like(ids, IGNORED)
        for row, (prompt, answer) in enumerate(rows):
            n, n_all = len(prompt), len(prompt) + len(answer)
            ids[row, :n_all] = torch.tensor(prompt + answer)
            mask[row, :n_all] = 1
            labels[row, n:n_all] = torch.tensor(answer)
        inputs = {"input_ids": ids, "attention_mask": mask, "labels": labels}
        return {key: value.to(device) for key, value in inputs.items()}, int(mask.sum())


def answer_losses(
    model: Any, tokens: ChatTokens, pairs: Sequence[TrainingPair], device: str
) -> list[float]:
    """The mean loss per token of each answer, in nats; one pass per pair."""
    import torch

    model.eval()
    losses = []
    with torch.no_grad():
        for pair in pairs:
            inputs, _ = tokens.batch([pair], device)
            losses.append(float(model(**inputs).loss))
    return losses
