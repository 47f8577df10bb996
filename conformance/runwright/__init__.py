"""Contracts for APIs that report asynchronous runs."""
