"""Telling others of new entries after they are kept: subscribers by webhook, mail and Apprise, and a WebSub hub."""
