"""What the two generations of Pipe0's API share: pipes, tables, and how runs fill them."""
