"""The engines: each module wraps one model library, imported inside its functions only."""
