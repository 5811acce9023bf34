"""Village posts and people from Excel: read the rows, plan what each would change, apply all of it or nothing."""
