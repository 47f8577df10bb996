"""What the two generations of Nekt's API share: pipelines, what starts them, and their runs."""
