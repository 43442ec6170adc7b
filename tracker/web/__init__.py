"""The pages and the change feeds, read-only: what a reader sees. application.py is the front door."""
