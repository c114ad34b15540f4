"""Auth, timing and logging around one service: six places to put them, what each costs, and what each does not see."""
