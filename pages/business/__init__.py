"""Screens of the section Business."""
