"""The agents: thin shells, one a file, around the pure cores."""
