"""Which blocks are the story's text, captions or boilerplate."""
