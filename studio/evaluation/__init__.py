"""Judging what was found: judgements of people, measures of rankings, comparisons with intervals."""
