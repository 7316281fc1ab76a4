"""Helpers that know nothing of the site: files, text, signals, the event loop."""
