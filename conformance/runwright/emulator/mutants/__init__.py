"""One module per API, named by its id, with that API's mutants."""
