"""Producers put news articles on the articles topic."""
