"""Storage: what lies on disk, and how it is read and written without loss."""
