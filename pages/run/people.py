"""People: who may sign in, as what; for owners also adding, changing and removing them."""

from __future__ import annotations

from datetime import UTC, datetime

from components import people, shell
from components.i18n import _

with shell.page(
    _("People"), _("Who may come in when others can reach this studio, and what each may do.")
):
    people.show(datetime.now(UTC))
