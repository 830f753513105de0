"""Measuring a prototype now: its own questions or rows, asked by several callers at once."""
