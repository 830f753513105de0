"""Pages on which a prototype is shown to others."""
