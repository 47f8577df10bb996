# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.
"""What every generated client stands on, stamped into each package."""
