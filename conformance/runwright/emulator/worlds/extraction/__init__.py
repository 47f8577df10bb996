"""What a world of extraction flows is made of: graphs of steps, and the lives of their runs."""
