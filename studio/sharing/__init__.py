"""Publications as others meet them: who gets in, how much they may use, and what they used."""
