"""Pressrun: write an article once; publish it as a page, a handout, a newsletter and a feed entry."""

__version__ = "0.1.0"
