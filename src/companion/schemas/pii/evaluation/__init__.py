"""How good the rules are: a labelled corpus, scores, and other scanners to compare with."""
