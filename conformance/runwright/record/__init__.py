"""Recording what any Python program does over HTTP, without a change to the program."""
