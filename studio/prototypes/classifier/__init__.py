"""A classifier: gives each text one of a few labels, or says that a person has to decide."""
