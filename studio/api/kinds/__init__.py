"""How each kind of prototype is called over HTTP: one module each, found by itself."""
