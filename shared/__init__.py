"""What the functions share: the domain (pure), its storage, and the edge."""
