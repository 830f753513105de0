"""The report on a prototype: an investor's page as one HTML file."""
