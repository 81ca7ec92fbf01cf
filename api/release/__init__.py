"""The files of a release: the complete folder, the brief with its pictures, and the zip that a door sends.

Knows nothing of the pages, so that the door for programs needs none of them to make a file.
"""
