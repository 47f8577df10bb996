"""Checks of the specs and ledgers, one module for each subject."""
