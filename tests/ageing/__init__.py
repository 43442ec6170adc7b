"""A news site that ages: articles in pages of several templates, whose furniture changes and whose text is edited, step by step.

words.py the texts, stories.py articles and their true edits, furniture.py what stands around and between, templates.py and
held_out.py the pages, site.py the steps with their labels, follow.py the program that follows it over HTTP.
"""
