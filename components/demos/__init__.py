"""How visitors of a demo meet each kind of prototype: one module per kind, named like the kind."""
