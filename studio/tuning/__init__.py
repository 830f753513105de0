"""Fine-tuning without code: examples in, a model of one's own out, with what it gained."""
