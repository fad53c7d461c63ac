"""What was found in labelled postings, as lines: the first ones, and how many more."""

from __future__ import annotations

from pipeline.checking.finding import Finding
from pipeline.cli.console import say

_MOST = 20


class Findings:
    """Says the first findings as they come, and counts the rest."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, finding: Finding) -> None:
        """Take a finding."""
        self.count += 1
        if self.count <= _MOST:
            say(f"{finding.where}: {finding.what}")

    def tell_rest(self) -> None:
        """Say how many were not said."""
        if self.count > _MOST:
            say(f"and {self.count - _MOST:,} more; 'frontback corpus check' lists them all")
