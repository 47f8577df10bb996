"""A faithful local server for each API, with a clock that can run fast, and its mutants.

The pieces, from the edge inwards: `server` opens a port, `app` maps HTTP to operations, `gate`
decides who and what is let in, `world` is what one API's emulator knows, `script` is what the
clock does to a run, `chance` draws it, `clock` tells the time. `mutant` finds worlds that break
one rule each.
"""
