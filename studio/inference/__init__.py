"""The model service: catalogue, weights, engines, batching."""
