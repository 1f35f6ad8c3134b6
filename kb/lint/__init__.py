"""Rules: small generators with a code, over values; one table holds them all."""
