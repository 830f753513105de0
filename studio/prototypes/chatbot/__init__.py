"""A chatbot over its owner's documents, with checked citations."""
