"""From bytes to blocks: encoding, document tree, block list, media players."""
