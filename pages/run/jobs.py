"""Jobs: long work beside the pages, that of earlier runs of the studio included."""

from __future__ import annotations

from components import job_list, shell
from components.i18n import _

with shell.page(_("Jobs"), _("Work that goes on beside the pages. It outlives a restart.")):
    job_list.show()
