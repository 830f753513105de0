"""Long work outside the page: progress, cancelling, one job per thing that is worked on."""
