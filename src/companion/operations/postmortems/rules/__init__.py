"""What a post mortem is held against: each rule with its reason, its examples and its check."""
