"""Recommendation prototypes: items and behaviour in, recommendations with reasons out."""
