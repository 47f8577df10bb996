"""What every generated client stands on, stamped into each package."""
