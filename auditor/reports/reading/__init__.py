"""Reports read back, piece by piece: they may be larger than memory, and come from anywhere."""
