"""Files of any kind to text by page, with a report of what was dropped and why."""
