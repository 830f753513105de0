"""A cross-encoder in OpenVINO's own format: made once, then kept on disk.

The conversion runs in a child process (`python -m` this module), because it needs torch. Knows one
folder; knows no engine.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

from studio.inference.engines.child_conversion import made_once
from studio.inference.engines.pair_folder import PairFolder
from studio.inference.engines.transformers_reranking import loaded_pair_model

GRAPH = "model.xml"


def converted(description: PairFolder, cache: Path, revision: str) -> Path:
    """The converted model (`model.xml` beside `model.bin`), made when it is missing.

    Args:
        description: what the folder says of its model.
        cache: folder of all converted models; one below it per model and OpenVINO version.
        revision: identifies the weights.

    Raises:
        ModelUnavailable: OpenVINO cannot read the model.
    """
    weights = [
        (path.name, path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(description.folder.glob("*.safetensors"))
    ]
    facts = ("pair", revision, str(description.folder), weights, version("openvino"))
    module = "studio.inference.engines.openvino_pair_conversion"
    return made_once(cache, facts, GRAPH, module, [description.folder]) / GRAPH


def convert(folder: Path, target: Path) -> None:
    """Write `model.xml` and `model.bin` of the cross-encoder into a new folder.

    The result takes what the model's tokenizer gives, by name (`input_ids`, `attention_mask` and,
    where the model tells the two texts apart by them, `token_type_ids`), `(n, tokens)` int64, and
    gives `(n, 1)` float32.
    """
    import openvino
    import torch

    network, tokenizer = loaded_pair_model(folder.name, folder)

    class PairModel(torch.nn.Module):
        """The cross-encoder, of which only the scores leave."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(
            self,
            input_ids: torch.Tensor,
            attention_mask: torch.Tensor,
            token_type_ids: torch.Tensor | None = None,
        ) -> torch.Tensor:
            inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
            if token_type_ids is not None:
                inputs["token_type_ids"] = token_type_ids
            return self.network(**inputs).logits  # type: ignore[no-any-return]

    # Of different lengths: without padding its handling may be traced away.
    example = tokenizer(["a", "b"], ["c", "d e f g h"], padding=True, return_tensors="pt")
    with torch.inference_mode():
        model = openvino.convert_model(PairModel().eval(), example_input=dict(example))
    target.mkdir()
    openvino.save_model(model, str(target / GRAPH), compress_to_fp16=False)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
