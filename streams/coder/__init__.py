"""The coder turns one article into stances and mentions; pure, no I/O, no clock."""
