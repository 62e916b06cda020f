"""When: windows, cut-offs and capacity. Knows nothing of what is booked into them."""
