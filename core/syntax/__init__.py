"""Source text as structure: the one place that knows ast-grep. Importing it loads nothing heavy."""
