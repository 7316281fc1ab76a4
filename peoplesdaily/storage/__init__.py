"""What is on disk: feed files, locks, the corpus index."""
