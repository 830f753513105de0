"""What people say about answers, what the founder makes of it, and how versions compare."""
