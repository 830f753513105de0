"""Publications from both sides: the founder publishes, visitors open. The one door to a publication.

Every look of a visitor goes through `open`, which reads the publication anew: one that was ended,
expired or got another password stops at once. The module knows no page and no address but the slug.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from studio.errors import AccessDenied, InvalidInput, NotFound
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.sharing.activity import LiveRequest, latest_requests
from studio.sharing.allowance import Allowance, DayUse
from studio.sharing.attempts import N_FREE, N_FREE_OF_PLACE, Attempts
from studio.sharing.choices import checked
from studio.sharing.passwords import is_password
from studio.sharing.request_price import RequestPrice
from studio.sharing.request_prices import RequestPrices
from studio.sharing.visit import Visit
from studio.sharing.visitor import account_of, account_prefix, version_met, visitor_id
from studio.workspace.publication_record import PublicationChoices, PublicationRecord

MAX_LET_IN = 20_000
"""Visitors that are remembered to have given the password; the oldest is asked again."""
LOOKED_BACK = timedelta(days=7)

AnyPrototype = StoredPrototype[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What stands at an address that is open; `visit` is None while the password is to be given."""

    publication: PublicationRecord
    visit: Visit | None


class Sharing:
    """All publications of a studio. Every method may be called by any thread.

    Args:
        toolbox: stores, prices and clock.
        prototype: gives the prototype of an id.
        zone: where midnight is taken for daily limits; that of the machine by default.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        prototype: Callable[[str], AnyPrototype],
        zone: tzinfo | None = None,
    ) -> None:
        self._tools = toolbox
        self._store = toolbox.workspace.publications
        self._prototype = prototype
        self._request_prices = RequestPrices(toolbox.ledger, toolbox.prices)
        self._allowance = Allowance(
            toolbox.ledger,
            toolbox.prices,
            toolbox.clock,
            lambda prototype_id: self.price(prototype_id).usual_usd,
            zone,
        )
        self._attempts = Attempts(toolbox.workspace.wrong_tries, "demo", toolbox.clock)
        self._let_in: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._lock = threading.Lock()

    # The founder's side

    def publish(
        self, prototype_id: str, choices: PublicationChoices, *, slug: str = "", note: str = ""
    ) -> PublicationRecord:
        """Let others open a prototype with its settings of now; later ones do not reach them.

        Its data is not part of a version: what is searched or recommended from is always that of now.

        Args:
            prototype_id: its id or address.
            choices: how it is shown, to whom and how much.
            slug: the wish for the address; by default made of the headline.
            note: why, for the history.

        Raises:
            NotFound: there is no such prototype.
            InvalidInput: a choice is out of range; `fields` names each.
        """
        found = self._prototype(prototype_id)
        tidy = checked(choices, self._tools.clock())
        return self._store.create(found.id, found.version, tidy, slug=slug, note=note)

    def change(self, publication_id: str, choices: PublicationChoices) -> PublicationRecord:
        """Show it another way; address and version stay.

        Raises:
            NotFound: there is no such publication.
            InvalidInput: a choice is out of range; `fields` names each.
        """
        return self._store.update(publication_id, checked(choices, self._tools.clock()))

    def publish_again(
        self, publication_id: str, version: int | None = None, note: str = ""
    ) -> PublicationRecord:
        """Move it to a version, that of now by default, and write that down.

        Raises:
            NotFound: there is no such publication or version.
        """
        publication = self._store.get(publication_id)
        wanted = self._prototype(publication.prototype_id).version if version is None else version
        return self._store.publish(publication_id, wanted, note)

    def split(
        self, publication_id: str, second_version: int, share_percent: int
    ) -> PublicationRecord:
        """Let a share of the visitors meet a second version; see `Publications.split`.

        Raises:
            NotFound: there is no such publication or version.
            InvalidInput: the share is out of range, or the two would meet the same, as they want
                another index or training and there is only one.
        """
        publication = self._store.get(publication_id)
        prototype = self._prototype(publication.prototype_id)
        setting = prototype.derived_otherwise(second_version, publication.version)
        if setting is not None:
            raise InvalidInput(
                "Versions {version} and {second} need another index or training ({setting}), and there"
                " is only one at a time: visitors of both would meet the same. Duplicate the prototype"
                " and publish both.",
                version=publication.version,
                second=second_version,
                setting=setting,
            )
        return self._store.split(publication_id, second_version, share_percent)

    def used(self, publication_id: str) -> DayUse:
        """What its visitors used today. Raises NotFound."""
        return self._allowance.used(self._store.get(publication_id))

    def latest(self, publication_id: str, n_requests: int = 30) -> tuple[LiveRequest, ...]:
        """The latest requests of its visitors within a week, the newest first."""
        since = self._tools.clock() - LOOKED_BACK
        calls = self._tools.ledger.frame(since=since, account_prefix=account_prefix(publication_id))
        return latest_requests(self._tools.prices().attach(calls), publication_id, n_requests)

    def price(self, prototype_id: str) -> RequestPrice:
        """What a request of a prototype cost so far."""
        return self._request_prices.of(prototype_id)

    # The visitors' side

    def open(self, slug: str, token: str) -> Opening:
        """What a visitor meets at an address.

        Args:
            slug: from the address.
            token: the visitor's own, see `visitor`.

        Raises:
            NotFound: nothing is open there. Addresses that were never given, demos that ended or have
                expired, and those whose prototype was deleted all look alike.
        """
        publication, prototype = self._published(slug)
        visitor = visitor_id(publication.id, token)
        if not self._is_let_in(publication, visitor):
            return Opening(publication=publication, visit=None)
        account = account_of(publication.id, visitor)
        view = prototype.served(version=version_met(publication, visitor), account=account)
        return Opening(
            publication=publication,
            visit=Visit(
                publication=publication,
                visitor_id=visitor,
                prototype=view,
                _allowance=self._allowance,
                _conversations=self._tools.workspace.conversations,
                _open_again=lambda: self.open(slug, token).visit,
            ),
        )

    def let_in(self, slug: str, token: str, password: str, address: str = "") -> None:
        """Let a visitor in who knows the password, until it changes or the studio is started again.

        Args:
            slug: from the address.
            token: the visitor's own, see `visitor`; wrong tries slow down its next ones.
            password: as it was typed.
            address: of the browser, if it is known; many wrong tries from one slow down its next ones,
                without one many of the publication all others.

        Raises:
            NotFound: nothing is open there.
            AccessDenied: it is another one.
            LimitReached: there were too many wrong ones; says when to try again.
        """
        publication, _prototype = self._published(slug)
        kept = publication.password_hash
        if kept is None:
            return
        visitor = visitor_id(publication.id, token)
        keys = {
            f"{publication.id} by {visitor}": N_FREE,
            f"from {address or publication.id}": N_FREE_OF_PLACE,
        }
        if not self._attempts.is_right(keys, lambda: is_password(password, kept)):
            raise AccessDenied("This is not the password of this demo. Check it and try again.")
        with self._lock:
            self._let_in[publication.id, visitor] = kept
            while len(self._let_in) > MAX_LET_IN:
                self._let_in.popitem(last=False)

    def _is_let_in(self, publication: PublicationRecord, visitor: str) -> bool:
        if publication.password_hash is None:
            return True
        with self._lock:
            return self._let_in.get((publication.id, visitor)) == publication.password_hash

    def _published(self, slug: str) -> tuple[PublicationRecord, AnyPrototype]:
        try:
            publication = self._store.by_slug(slug)
            prototype = self._prototype(publication.prototype_id)
        except NotFound:
            raise _closed() from None
        if publication.ended_at is not None or _is_past(publication, self._tools.clock()):
            raise _closed()
        return publication, prototype


def _is_past(publication: PublicationRecord, now: datetime) -> bool:
    return publication.expires_at is not None and publication.expires_at <= now


def _closed() -> NotFound:
    return NotFound("There is no demo open at this address. Ask whoever gave it to you.")
