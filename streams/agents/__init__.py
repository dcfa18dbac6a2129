"""Thin Faust agents around the pure core, one a file."""
