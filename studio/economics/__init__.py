"""What a prototype costs, how it behaves under load, and which business carries it."""
