"""What the README claims, each figure from a script that anyone can run: `make bench`."""
