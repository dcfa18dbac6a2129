"""Data files of the coder: actors, cues, the reader model."""
