"""Asks the world for pages and feeds: the only room that opens sockets to it."""
