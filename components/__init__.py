"""Reusable pieces of pages: functions `show(...) -> value`."""
