"""Checks of a text that know no prototype and no model: one file per family."""
