"""The proof desk: an article in its four channels, side by side in a browser, made anew whenever its file is saved.

Nothing of it is ever written into outputs/: what is made for looking at stays in memory.
"""
