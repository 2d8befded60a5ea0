#!/usr/bin/env python3
"""Takes the comments and the indentation off a script that has comments on lines of their own and no text over several
lines.

usage: shrink_script.py SOURCE TARGET
"""
import pathlib
import sys

target = pathlib.Path(sys.argv[2])
target.parent.mkdir(parents=True, exist_ok=True)
lines = (line.strip() for line in pathlib.Path(sys.argv[1]).read_text().splitlines())
target.write_text("".join(line + "\n" for line in lines if line and not line.startswith("//")))
