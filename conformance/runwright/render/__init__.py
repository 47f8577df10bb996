"""Reports made readable: each module writes one form."""
