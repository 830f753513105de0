"""The screens, one per file, grouped as in the navigation."""
