"""What leaves the studio and comes back: runnable prototypes, backups, reports."""
