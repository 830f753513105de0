"""What a demo's visitor meets at any other address within their session: nothing."""

from __future__ import annotations

from components import notice, shell
from components.i18n import _

with shell.page(_("No demo here")):
    notice.show(_("There is no demo open at this address. Ask whoever gave it to you."))
