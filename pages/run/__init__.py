"""Screens of the section Run."""
