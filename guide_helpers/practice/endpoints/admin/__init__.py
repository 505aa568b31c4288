"""The admin side: what an admin key may look at and change. One module per resource."""
