"""What people taught: marks that apply to fields like them, and corrections that propose rules."""
