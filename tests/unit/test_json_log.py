from __future__ import annotations

import json
import logging

import pytest

from studio import json_log
from studio.config import Settings
from studio.errors import InvalidInput
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.workbench import Workbench

SECRET = "Zanzibar"


@pytest.fixture
def log(capsys):
    """Starts the log and gives its lines so far; the loggers are as before at the end."""
    own = logging.getLogger("studio")
    before = own.handlers[:], own.level, own.propagate

    def read(style: str = "json"):
        return [json.loads(line) for line in capsys.readouterr().err.splitlines() if line]

    yield read
    own.handlers[:], own.level, own.propagate = before[0], before[1], before[2]


def test_a_line_has_its_fields_and_the_trace_of_a_failure(log) -> None:
    json_log.start("json")
    logger = logging.getLogger("studio.somewhere")
    logger.info("hello %s", "you", extra={"request_id": "r1", "took_ms": 2.5})
    try:
        int("broken")
    except ValueError:
        logger.exception("it failed")
    hello, failed = log()
    assert (hello["message"], hello["request_id"], hello["took_ms"]) == ("hello you", "r1", 2.5)
    assert (hello["level"], hello["logger"]) == ("info", "studio.somewhere")
    assert hello["time"].endswith("+00:00")
    assert "ValueError: invalid literal" in failed["trace"]


def test_every_call_of_a_model_is_logged_and_no_text_of_a_user(log, tmp_path) -> None:
    with Workbench.open(settings=Settings(home=tmp_path, is_demo=True)) as workbench:
        bot = workbench.create_chatbot("Desk", ChatbotSettings(min_relevance=0.05))
        bot.add_file(f"{SECRET}.md", f"# {SECRET}\n\n{SECRET} is an island.\n".encode())
        json_log.start("json")
        bot.update_index().result(30)
        answer = bot.ask(f"What is {SECRET}?", surface="page")
        assert SECRET in answer.text
    lines = log()
    stages = {line["stage"] for line in lines if "stage" in line}
    assert stages == {"embedding", "generation"}
    asked = [line for line in lines if line.get("stage") == "generation"]
    assert asked[0]["prototype"] == bot.id
    assert asked[0]["request_id"] == answer.figures.request_id
    assert SECRET.lower() not in json.dumps(lines).lower()


def test_another_style_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="STUDIO_LOG is xml; it can be plain, json"):
        Settings.from_env({"STUDIO_LOG": "xml"})
