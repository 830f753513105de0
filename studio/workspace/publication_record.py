"""What the workspace gives back about publications: frozen values, no database behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

DEFAULT_ACCENT = "#0F766E"
DEFAULT_IDLE_RESET_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationChoices:
    """How a prototype is shown to others, as its founder chose it.

    Attributes:
        headline: what stands above it.
        founder: who shows it, a person or a company; may be empty.
        logo: a small image of `logo_type`, made by the studio, never as it was uploaded; or None.
        logo_type: media type of the logo, such as "image/png"; empty without one.
        accent: colour of buttons and links, "#RRGGBB".
        greeting: what a visitor reads first; may be empty.
        starter_questions: what a visitor may begin with by one click.
        language: "en" or "zh".
        password_hash: as `sharing.passwords` makes it; None lets everybody with the address in.
        expires_at: aware time from which on nobody gets in; None for never.
        is_kiosk: it stands open on a screen that many use, and begins anew when nobody does.
        idle_reset_s: seconds without use after which a kiosk begins anew.
        requests_per_visitor_per_day: how often one visitor may ask in a day; None for no limit.
        money_per_day_usd: what all visitors together may cost in a day; None for no limit.
        shows_people: visitors of a recommender may look at lists of users of its data, with what these
            did, under letters.
    """

    headline: str
    founder: str = ""
    logo: bytes | None = None
    logo_type: str = ""
    accent: str = DEFAULT_ACCENT
    greeting: str = ""
    starter_questions: tuple[str, ...] = ()
    language: str = "en"
    password_hash: str | None = None
    expires_at: datetime | None = None
    is_kiosk: bool = False
    idle_reset_s: int = DEFAULT_IDLE_RESET_S
    requests_per_visitor_per_day: int | None = None
    money_per_day_usd: Decimal | None = None
    shows_people: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRecord(PublicationChoices):
    """A prototype that others can open by an address, at one of its versions.

    `slug` is readable, unique and stays; `version` is what visitors meet, `note` why that version was
    published. While `second_version` is not None, `second_share_percent` of the visitors meet that one
    instead, since `split_since`. `updated_at` is the last change of anything, `ended_at` None while it
    can be opened.
    """

    id: str
    prototype_id: str
    slug: str
    version: int
    note: str
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None
    second_version: int | None = None
    second_share_percent: int = 0
    split_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedVersion:
    """That a publication was moved to a version: when, and why (`note`). `position` counts from 0."""

    publication_id: str
    position: int
    version: int
    note: str
    published_at: datetime
