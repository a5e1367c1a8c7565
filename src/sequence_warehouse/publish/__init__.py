"""Publish: what was validated becomes the version that readers see."""
