"""IPv4 and IPv6 addresses: their texts, the special ones, and tables of ranges of them."""
