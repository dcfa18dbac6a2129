"""Tables that the ledger reads: facets, headlines, weights, words."""
