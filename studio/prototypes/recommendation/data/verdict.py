"""What the data can support, in sentences a founder understands.

The limits are our own and stand beside their reason. Knows numbers only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from studio.prototypes.recommendation.data.profile import HEAVY_TIMES, Profile
from studio.prototypes.recommendation.evaluation import MIN_CONVINCING
from studio.records import Notice

Support = Literal["nothing", "popular", "content", "behaviour"]
"""From what one can recommend: nothing, only what is popular, descriptions, or behaviour as well."""

MIN_LINKING_USERS = 30
"""Below, two items that go together were chance: no pair of them is shared by more than a few."""
MIN_SHARED_ITEMS = 10
"""Items of five users or more; with fewer there is hardly anything to choose from."""
SURE_USERS = 400
"""Users to test on: a difference of 0.02 in nDCG with a spread of 0.2 is seen four times of five, by
the sample size of a paired comparison, (1.96 + 0.84)^2 * 0.2^2 / 0.02^2 = 784 for all, half of it for
the usual correlation of 0.75 between two ways."""
SHORT_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class DataVerdict:
    """What can be built on the data. `headline` says it in a sentence, `details` why and what to do."""

    support: Support
    headline: Notice
    details: tuple[Notice, ...] = ()


def verdict_of(profile: Profile, n_unmatched: int = 0) -> DataVerdict:
    """What the data with this profile can support.

    Args:
        profile: of what was kept.
        n_unmatched: events that were left out because their item is not in the list of items.
    """
    support = _support(profile)
    is_unmatched = n_unmatched > 0 and not profile.n_events
    headline = _unmatched(n_unmatched) if is_unmatched else _headline(support, profile)
    return DataVerdict(support=support, headline=headline, details=tuple(_details(profile)))


def _support(profile: Profile) -> Support:
    has_texts = profile.n_described_items >= 2
    learns = (
        profile.n_linking_users >= MIN_LINKING_USERS and profile.n_shared_items >= MIN_SHARED_ITEMS
    )
    if learns:
        return "behaviour"
    if has_texts:
        return "content"
    return "popular" if profile.n_events else "nothing"


def _unmatched(n_events: int) -> Notice:
    return Notice(
        "None of your {n} events matches an item id, so nothing can be learnt from them. Check which "
        "column of each table holds the item's id.",
        "Your one event does not match an item id, so nothing can be learnt from it. Check which "
        "column of each table holds the item's id.",
        n=n_events,
    )


def _headline(support: Support, profile: Profile) -> Notice:
    if support == "nothing":
        return Notice(
            "There is nothing to recommend from yet: no events, and no descriptions of items. Add a"
            " table of events, or titles and texts to the items."
        )
    if support == "behaviour":
        return Notice(
            "Enough to learn from behaviour: {n} people used two items or more, so it shows which items"
            " go together.",
            n=profile.n_linking_users,
        )
    if not profile.n_events:
        return Notice(
            "There are no events, so items can only be recommended by their descriptions"
            " (content-based)."
        )
    why: Notice
    if (
        profile.n_linking_users
        < MIN_LINKING_USERS
        <= (profile.n_linking_users + profile.n_disliking_users)
    ):
        why = Notice(
            "Too few people liked two items or more to learn from behaviour (collaborative filtering):"
            " {n} did, and at least {least} are needed. Low ratings and returns count as dislikes.",
            n=profile.n_linking_users,
            least=MIN_LINKING_USERS,
        )
    elif profile.n_linking_users < MIN_LINKING_USERS:
        why = Notice(
            "Too few people came back to learn from behaviour (collaborative filtering): {n} used two"
            " items or more, and at least {least} are needed.",
            n=profile.n_linking_users,
            least=MIN_LINKING_USERS,
        )
    else:
        why = Notice(
            "Too few items are shared by people to learn from behaviour (collaborative filtering): {n}"
            " were used by five or more, and at least {least} are needed.",
            n=profile.n_shared_items,
            least=MIN_SHARED_ITEMS,
        )
    if support == "content":
        return Notice("{why} So descriptions it is (content-based).", why=why)
    return Notice(
        "{why} And there are no descriptions, so only what is popular can be recommended. Add a table"
        " of items with titles and texts.",
        why=why,
    )


def _heavy(profile: Profile) -> Notice:
    n = sum(n for _user, n in profile.heavy_users)
    return Notice(
        "{n} of {all} events ({percent}%) are of {users}, with at least {times} times as many as the "
        "user in the middle. If that is a program, a reseller or your own staff, leave them out under "
        "“Data”.",
        n=n,
        all=profile.n_events,
        percent=f"{100 * n / profile.n_events:.2g}",
        users=", ".join(user for user, _n in profile.heavy_users),
        times=HEAVY_TIMES,
    )


def _details(profile: Profile) -> list[Notice]:
    told: list[Notice] = []
    if not profile.n_events:
        return told
    if profile.n_linking_users < MIN_CONVINCING:
        told.append(
            Notice(
                "A test can hold back something only of who took two items or more, and {n} people did;"
                " with fewer than {least} it gives no verdict.",
                n=profile.n_linking_users,
                least=MIN_CONVINCING,
            )
        )
    elif profile.n_linking_users < SURE_USERS:
        told.append(
            Notice(
                "{n} people can be tested on. That tells large differences from chance, not small ones;"
                " about {enough} would.",
                n=profile.n_linking_users,
                enough=SURE_USERS,
            )
        )
    if profile.first_at is None or profile.last_at is None:
        told.append(
            Notice(
                "The events have no times, so nobody can tell what came last. The order of the lines is"
                " taken for the order of time; add a column of times to be sure."
            )
        )
    elif (profile.last_at - profile.first_at).days < 1:
        told.append(Notice("All events are of one day, so the test looks no further ahead."))
    elif (profile.last_at - profile.first_at).days < SHORT_DAYS:
        told.append(
            Notice(
                "All events lie within {n} days, so the test looks only that far ahead.",
                n=(profile.last_at - profile.first_at).days + 1,
            )
        )
    if profile.heavy_users:
        told.append(_heavy(profile))
    if profile.n_cold_items > 0.2 * profile.n_items:
        told.append(
            Notice(
                "{n} of {all} items have no event yet. Only their descriptions can bring them up.",
                n=profile.n_cold_items,
                all=profile.n_items,
            )
        )
    if profile.n_one_item_users > 0.5 * profile.n_users:
        told.append(
            Notice(
                "{n} of {all} people used a single item. For them the goal “new users” counts most.",
                n=profile.n_one_item_users,
                all=profile.n_users,
            )
        )
    return told
