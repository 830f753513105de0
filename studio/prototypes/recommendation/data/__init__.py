"""The data of a recommender: reading tables, cleaning them, their profile and what they can support."""
