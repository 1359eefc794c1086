"""Files of address ranges: tables, databases, and the prefix lists of cloud providers."""
