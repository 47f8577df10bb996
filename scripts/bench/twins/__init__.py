"""The answers of each API as somebody would write them down for msgspec, by hand and closed.

They are the limit: what typed decoding costs without open enums, kept answers and forgiveness.
"""
