"""Rules judged by their own examples: logs of them, what the engine decides, what was expected."""

from auditor.engine.rule_tests.run import run_examples

__all__ = ["run_examples"]
