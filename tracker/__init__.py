"""tracker watches news articles change."""
__version__ = "0.1.0"
