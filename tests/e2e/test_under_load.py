"""People at a chatbot while a job of many rows keeps the very same model busy."""

from __future__ import annotations

import pytest

from studio.config import Settings
from studio.prototypes.content.content import Content
from studio.workbench import Workbench
from tests.e2e.test_chatbot import FIRST_ANSWER_S, ask_the_sample_three_questions, warm_up

N_ROWS = 500
SHEET = "Product,Facts\n" + "".join(f"Tent {n},{n} kg; two doors\n" for n in range(N_ROWS))


@pytest.fixture
def busy_server(start_server, tmp_path, kept_models):
    """A studio that goes on with a batch when it starts; gives it and the batch as it stands."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "models").symlink_to(kept_models, target_is_directory=True)
    with Workbench.open(settings=Settings(home=home), resume=False) as bench:
        content = bench.create(Content, "Shop texts", Content.default_settings("en"))
        sheet = content.batches.read("briefs.csv", SHEET.encode())
        batch = content.batches.start(sheet, content.batches.guess(sheet))
        content_id, batch_id = content.id, batch.id

    def look():
        with Workbench.open(settings=Settings(home=home), resume=False) as bench:
            return bench.prototype(content_id, Content).batches.get(batch_id)

    return start_server(home=home), look


@pytest.mark.alone
def test_the_sample_answers_in_at_most_twice_the_time_while_a_batch_keeps_the_model_busy(
    open_visitor, busy_server
) -> None:
    server, look = busy_server
    visitor = open_visitor(server)
    warm_up(visitor)
    visitor.page.wait_for_timeout(5_000)  # rows are being written by now
    before = look()
    assert before.state == "running"
    ask_the_sample_three_questions(visitor, "en-US", 2 * FIRST_ANSWER_S)
    after = look()
    assert after.state == "running"
    assert after.n_done + after.n_rejected > before.n_done + before.n_rejected
