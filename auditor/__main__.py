"""`python -m auditor`: the same program as `auditor`."""

from auditor.cli.main import main

main()
