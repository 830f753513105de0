"""The kind of prototype that searches a founder's documents and tables."""
