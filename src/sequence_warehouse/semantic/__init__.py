"""Semantic: the published metrics, asked by name."""
