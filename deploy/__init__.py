"""Renders what a cloud gets from the one description of each part, and applies it. Nothing here runs in a function."""
