"""Telling others of new entries after they are kept: WebSub hubs."""
