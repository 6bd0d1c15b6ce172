"""Crashes and faults on purpose: the real command line is killed, starved and lied to, then must have lost nothing.

``python -m tests.crash --trials N --seed S`` runs seeded trials; ``docs/crash-points.md`` is the table of crash points.
"""
