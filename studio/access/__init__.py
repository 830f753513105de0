"""Who gets in: accounts, signing in, and when that is asked for."""
