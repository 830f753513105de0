"""The page with the password: plain HTML from the server, because only it can set a cookie.

No script runs on it and nothing else of the studio is loaded by it. It draws what it is given.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from components import i18n
from components.i18n import _
from studio.errors import StudioError

if TYPE_CHECKING:
    from jinja2 import Template

OWNER_COMMAND = "studio users add NAME --role owner"


@cache
def _template() -> Template:
    from jinja2 import Environment

    text = (Path(__file__).parent / "sign_in.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True).from_string(text)


def form(language: str, next_page: str, name: str = "", problem: StudioError | None = None) -> str:
    """The form in a language.

    Args:
        language: "en" or "zh".
        next_page: where it leads afterwards.
        name: what was typed as a name before.
        problem: why that try failed.
    """
    with i18n.speaking(language):
        return _template().render(
            language=language,
            languages=i18n.LANGUAGES.items(),
            next=next_page,
            title=_("Sign in"),
            name=name,
            problem=i18n.translate(problem.notice) if problem else "",
            name_label=_("Name or e-mail address"),
            password_label=_("Password"),
            button=_("Sign in"),
        )


def first_owner(language: str, next_page: str) -> str:
    """What stands there while there is no account: how to make the first one, on the machine itself."""
    with i18n.speaking(language):
        return _template().render(
            language=language,
            languages=i18n.LANGUAGES.items(),
            next=next_page,
            title=_("Nobody can sign in yet"),
            explanation=_(
                "Others can reach this studio, so it asks everybody to sign in. Make the owner's"
                " account on the machine that it runs on:"
            ),
            command=OWNER_COMMAND,
            afterwards=_("Then reload this page. The account cannot be made from here."),
        )
