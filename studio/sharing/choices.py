"""What a founder may choose for a publication, checked before it is kept."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from studio.errors import InvalidInput
from studio.records import Notice
from studio.workspace.publication_record import PublicationChoices

MAX_HEADLINE = 80
MAX_FOUNDER = 80
MAX_GREETING = 500
MAX_STARTER = 200
MAX_STARTERS = 6
MIN_IDLE_S, MAX_IDLE_S = 15, 3600
MAX_REQUESTS = 100_000
MAX_MONEY_USD = Decimal(10_000)
LANGUAGES = ("en", "zh")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


def checked(choices: PublicationChoices, now: datetime) -> PublicationChoices:
    """The choices with blanks around texts taken away and empty starter questions left out.

    Args:
        choices: as they were entered.
        now: the aware time; a demo cannot begin after it has expired.

    Raises:
        InvalidInput: something is out of range; `fields` maps each such field to what is allowed.
    """
    starters = tuple(text.strip() for text in choices.starter_questions if text.strip())
    tidy = replace(
        choices,
        headline=choices.headline.strip(),
        founder=choices.founder.strip(),
        greeting=choices.greeting.strip(),
        starter_questions=starters,
        accent=choices.accent.upper(),
    )
    fields = {**_wrong_texts(tidy), **_wrong_limits(tidy, now)}
    if fields:
        raise InvalidInput(
            "The demo was not published: {n} entries need another look.",
            "The demo was not published: one entry needs another look.",
            fields=fields,
            n=len(fields),
        )
    return tidy


def _wrong_texts(choices: PublicationChoices) -> dict[str, Notice]:
    fields: dict[str, Notice] = {}
    if not choices.headline:
        fields["headline"] = Notice("Enter a headline.")
    elif len(choices.headline) > MAX_HEADLINE:
        fields["headline"] = Notice("At most {limit} characters.", limit=MAX_HEADLINE)
    if len(choices.founder) > MAX_FOUNDER:
        fields["founder"] = Notice("At most {limit} characters.", limit=MAX_FOUNDER)
    if len(choices.greeting) > MAX_GREETING:
        fields["greeting"] = Notice("At most {limit} characters.", limit=MAX_GREETING)
    starters = choices.starter_questions
    if len(starters) > MAX_STARTERS or any(len(text) > MAX_STARTER for text in starters):
        fields["starter_questions"] = Notice(
            "At most {n} questions of {limit} characters each.", n=MAX_STARTERS, limit=MAX_STARTER
        )
    if not _COLOUR.fullmatch(choices.accent):
        fields["accent"] = Notice("Choose a colour.")
    if choices.language not in LANGUAGES:
        fields["language"] = Notice("Choose English or Chinese.")
    return fields


def _wrong_limits(choices: PublicationChoices, now: datetime) -> dict[str, Notice]:
    fields: dict[str, Notice] = {}
    if choices.expires_at is not None and choices.expires_at <= now:
        fields["expires_at"] = Notice("Choose a day that is still to come.")
    if not MIN_IDLE_S <= choices.idle_reset_s <= MAX_IDLE_S:
        fields["idle_reset_s"] = Notice("It must be 15 to 3,600 seconds.")
    requests = choices.requests_per_visitor_per_day
    if requests is not None and not 1 <= requests <= MAX_REQUESTS:
        fields["requests_per_visitor_per_day"] = Notice("It must be 1 to 100,000 requests.")
    money = choices.money_per_day_usd
    if money is not None and not (money.is_finite() and 0 < money <= MAX_MONEY_USD):
        fields["money_per_day_usd"] = Notice("It must be more than 0 and at most 10,000 USD.")
    return fields
