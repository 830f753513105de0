"""A package of its own name: some libraries install one that is called "tests", too."""
