"""What the functions share: the domain (pure), its storage, and the edge."""

__version__ = "0.1.0"
