"""People, places and organisations: recognised in articles by rules, kept with them, and told apart across them."""
