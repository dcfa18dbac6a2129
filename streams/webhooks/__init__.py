"""Alerts to a web address: signed, in order, until they are taken or put aside as dead letters."""
