"""The active suite: it sends requests to a server, records them, and has them judged once.

`runwright.suite.audit.run_suite` is the way in for programs; ``pytest --pyargs runwright.suite``
shows each rule as a test.
"""
