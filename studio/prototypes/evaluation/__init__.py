"""Prototypes measured on evaluation sets: sets, runs, comparisons. Knows no kind; see `Evaluable`."""
