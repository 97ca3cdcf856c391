"""Add up what was spent, by category."""
