"""Coding CLIs as models: one program, one prompt, one reply, in an empty temporary directory."""
