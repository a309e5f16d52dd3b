"""Runs one execution of a job, a program or a notebook, as process 1 of its container; its folder then holds the whole truth of it."""
