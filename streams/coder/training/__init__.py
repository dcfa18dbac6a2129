"""Builds the encoder reader from labelled articles; needs PyTorch, and nothing else imports it."""
