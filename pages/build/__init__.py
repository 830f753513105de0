"""Pages on which a prototype is built and tried."""
