"""Pages that show a prototype to others and hand it over."""
