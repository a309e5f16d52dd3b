#!/bin/sh
# Runs once, as root, in a container of the base image. The result is kept as an environment's image.
# Given: the packages as arguments, CONSTRAINTS, the cache volume at /cache/uv.
set -eu

export UV_CACHE_DIR=/cache/uv
# The cache and the image are different file systems: uv's hard links cannot work, and trying costs a warning.
export UV_LINK_MODE=copy

printf '%s\n' "$CONSTRAINTS" >/tmp/constraints.txt
uv venv --quiet --python "$(command -v python3)" /opt/env
uv pip install --python /opt/env --constraint /tmp/constraints.txt "$@"
rm /tmp/constraints.txt

# Without byte code every kernel would compile what it imports, again and again, as it may not write it here. Not by uv's
# --compile-bytecode: a third of the files are the packages' own tests, which nobody imports.
echo "Compiling"
/opt/env/bin/python -m compileall -q -j 0 -x '/tests?/' /opt/env/lib || echo "Some files are not Python of this version; they stay uncompiled"

if /opt/env/bin/python -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("matplotlib") is None)'; then
  echo "Listing the fonts for Matplotlib"
  HOME=/home/bine /opt/env/bin/python -c 'import matplotlib.font_manager'
  chown -R bine:bine /home/bine
  # For whatever user id a project has.
  chmod -R a+rwX /home/bine
fi
