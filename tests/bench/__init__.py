"""The benchmark behind `make bench`: how fast Détente is on this machine, and where it stands to its targets."""
