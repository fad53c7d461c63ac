"""The pages of documentation, and what makes a site of them."""
