"""A published prototype stays at its version, whatever its owner changes meanwhile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import NotFound
from studio.workbench import Workbench
from studio.workspace.publication_record import PublicationChoices


def test_publishing_pins_the_version_of_now(tmp_path: Path) -> None:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as workbench:
        bot = workbench.create_chatbot("Support bot")
        made = workbench.publish(bot.slug, PublicationChoices(headline="Ask us"), note="first")
        bot.configure(replace(bot.settings, greeting="Changed"))
        assert (made.slug, made.version, bot.version) == ("ask-us", 1, 2)
        assert workbench.publications(bot.id) == (made,)
        assert workbench.publications("another") == ()
        with pytest.raises(NotFound):
            workbench.publish("nobody", PublicationChoices(headline="x"))
