"""Prototypes: one folder per kind, and the contract they share."""
