"""Finding the passages that answer a question: cutting, indexing by words and meaning, fusing."""
