"""Violating rows → findings: one per rule and subject, with all a reader needs to act."""

from auditor.engine.evidence.findings import RuleFindings, SpooledFindings, gather, needs_meetings

__all__ = ["RuleFindings", "SpooledFindings", "gather", "needs_meetings"]
