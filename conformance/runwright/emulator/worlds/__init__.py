"""One module per API, named by its id, with its world in ``WORLD``."""
