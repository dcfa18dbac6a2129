"""Polls RSS and Atom feeds: fetch, parse, schedule, remember."""
