"""What each kind of prototype adds to its export."""
