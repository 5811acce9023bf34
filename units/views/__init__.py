"""Pages of the tree, of villages and of bodies."""
