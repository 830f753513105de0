"""Screens of the section Share."""
