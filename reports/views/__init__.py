"""Pages and acts of the reports, by what they are about."""
