"""Taps on HTTP libraries: they see what a program sends and gets, and change nothing of it.

These modules also run inside of programs that have nothing of this project installed, and on
older Pythons. So they import the standard library, each other, and the library that they tap.
"""
