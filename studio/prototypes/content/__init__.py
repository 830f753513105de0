"""Content: from a brief to a text, many variants of it, or a text for every row of a sheet."""
