"""What we are measured against: `python -m benchmarks.contenders.NAME EVENTS ACCOUNTS OUT`."""
