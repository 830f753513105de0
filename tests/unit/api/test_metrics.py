"""What Prometheus reads of the models, beside what it reads of the interface."""

from __future__ import annotations

import re

from studio.records import CallContext, EmbeddingRequest, Task
from tests.unit.api.conftest import Api


def value(text: str, line: str) -> float:
    found = re.search(rf"^{re.escape(line)} (\S+)$", text, re.MULTILINE)
    assert found, line
    return float(found[1])


def test_times_queues_batches_and_prototypes_are_counted(api: Api, bot) -> None:
    model = api.workbench.catalogue.default(Task.EMBEDDING).id
    context = CallContext(request_id="r", prototype_id=bot.id, surface="job")
    use = api.workbench.models.cache_use
    before = (use.n_asked, use.n_found)
    for _ in range(2):
        api.workbench.models.embed(
            EmbeddingRequest(model=model, texts=("seldom read",), context=context)
        )
        text = api.metrics.text().decode()
    labels = 'stage="embedding",surface="job"'
    assert value(text, f"studio_model_call_seconds_count{{{labels}}}") == 1  # then it was known
    bounds = re.findall(rf"studio_model_call_seconds_bucket{{le=\"(\S+)\",{labels}}} (\S+)", text)
    counts = [float(n) for _, n in bounds]
    assert counts == sorted(counts)
    assert (len(bounds), bounds[-1]) == (13, ("+Inf", "1.0"))
    assert value(text, f'studio_prototype_calls_total{{prototype="{bot.id}"}}') == 1
    assert value(text, f'studio_model_batch_sizes_total{{model="{model}",{labels}}}') == 1
    asked, known = (value(text, f"studio_passages_{name}_total") for name in ("asked", "known"))
    assert (asked - before[0], known - before[1]) == (2, 1)
    assert value(text, "studio_resident_memory_bytes") > 1e6
