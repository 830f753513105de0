"""Measuring the studio on public data sets: what several layers give together."""
