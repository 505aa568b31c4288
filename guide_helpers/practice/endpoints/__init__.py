"""What answers at each address: one module per resource, and what they share."""
