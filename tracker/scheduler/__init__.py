"""When to look, what one look does, and emitting the change feeds.

cadence and decide are pure; poll is the one way of data; hosts keeps our manners; tick owns the timers;
emit writes the change feeds after each commit.
"""
