"""The HTTP interface: OpenAI-compatible chat and embeddings, and an endpoint per published prototype."""
