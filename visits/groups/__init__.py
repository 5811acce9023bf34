"""The groups of villages and communes."""
