"""The world of an API of which nothing is known but its spec."""
