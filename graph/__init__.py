"""The state machine and nothing else: wiring in ``build`` and ``lane``, decisions in ``routing``."""
