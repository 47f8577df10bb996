"""Pipe0 as it might go wrong: each world breaks one rule."""
