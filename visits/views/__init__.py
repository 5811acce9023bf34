"""Pages and acts of going to the grassroots, by what they are about."""
