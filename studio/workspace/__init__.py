"""What a user owns: projects, prototypes, documents, conversations, preferences, API keys."""
