"""From what students handed in to grades: find the answers, run them, judge, report."""
