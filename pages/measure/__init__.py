"""Screens of the section Measure."""
