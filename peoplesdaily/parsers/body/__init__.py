"""Classifies blocks: body text, captions, boilerplate."""
