"""The builtin engine: mechanical changes planned and written without any model."""
