"""The command line: ``detente``; each command lives in the module of its name."""
