"""Pipe0's pipeline of 2025 as it might go wrong: each world breaks one rule."""
