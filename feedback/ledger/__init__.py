"""Books of old years from Excel: read, planned, written whole or not at all, and taken back as a whole."""
