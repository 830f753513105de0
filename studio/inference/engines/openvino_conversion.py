"""A sentence model in OpenVINO's own format: made once, pooling included, then kept on disk.

The conversion runs in a child process (`python -m` this module), because it needs torch. Knows one
folder; knows no engine.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

from studio.inference.engines.child_conversion import made_once
from studio.inference.engines.sentence_folder import SentenceFolder, read_sentence_folder

_EXAMPLE_TOKENS = 8


def converted(description: SentenceFolder, cache: Path, revision: str) -> Path:
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
    facts = (revision, str(description.folder), weights, description.pooling, version("openvino"))
    folder = made_once(
        cache,
        facts,
        "model.xml",
        "studio.inference.engines.openvino_conversion",
        [description.folder],
    )
    return folder / "model.xml"


def convert(folder: Path, target: Path) -> None:
    """Write `model.xml` and `model.bin` of the sentence model into a new folder.

    The result takes `input_ids` and `attention_mask`, `(n, tokens)` int64, and gives `(n, dim)`
    float32 of unit length.
    """
    import openvino
    import torch
    from transformers import AutoModel

    pooling = read_sentence_folder(folder).pooling

    class SentenceModel(torch.nn.Module):
        """The transformer with pooling and normalisation, so that only `(n, dim)` leaves it."""

        def __init__(self) -> None:
            super().__init__()
            self.transformer = AutoModel.from_pretrained(
                str(folder), local_files_only=True, dtype=torch.float32
            )

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.transformer(input_ids=input_ids, attention_mask=attention_mask)[0]
            if pooling == "cls":
                pooled = states[:, 0]  # (n, dim)
            else:
                mask = attention_mask.unsqueeze(-1).to(states.dtype)  # (n, tokens, 1)
                pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(pooled, dim=1)

    ids = torch.ones((2, _EXAMPLE_TOKENS), dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[1, _EXAMPLE_TOKENS // 2 :] = 0  # with padding, else its handling may be traced away
    with torch.inference_mode():
        model = openvino.convert_model(
            SentenceModel().eval(), example_input={"input_ids": ids, "attention_mask": mask}
        )
    target.mkdir()
    openvino.save_model(model, str(target / "model.xml"), compress_to_fp16=False)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
