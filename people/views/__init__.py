"""Pages of sign-in, one's own account, the directory, posts and accounts."""
