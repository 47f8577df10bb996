# Made by scripts/generate.py from the OpenAPI document of pipe0_pipeline; do not edit.
"""What every generated client stands on, stamped into each package."""
