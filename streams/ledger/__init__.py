"""The ledger decides what is new, known or history; pure, no I/O, no clock."""
