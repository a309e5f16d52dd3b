"""The program beside a kernel: owns its sockets, keeps its log, serves clients that come and go. See README.md."""

COMMANDS = "/opt/bine/commands"
"""Last on the path of what we start: commands that say what to do instead."""
