# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.
"""What every generated client stands on, stamped into each package."""
