"""The program beside a kernel: owns its sockets, keeps its log, serves clients that come and go. See README.md."""
