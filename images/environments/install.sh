#!/bin/sh
# Runs once, as the owner of /opt/env, in a container of the base image. The result is kept as an environment's image.
# Given: the packages as arguments, settings for uv, the cache volume at /cache/uv, and what is locked at /bine-source/requirements.lock.
set -eu

uv venv --quiet --allow-existing --python "$(command -v python3)" /opt/env
if [ -e /bine-source/requirements.lock ]; then
  # What is locked needs no build, so that no code of a package runs, and is what it was when it was locked, so that no index can change it.
  uv pip install --python /opt/env --require-hashes --only-binary :all: --requirements /bine-source/requirements.lock
else
  uv pip install --python /opt/env "$@"
fi

# What is in it, and under which licences.
/opt/env/bin/python -I /bine-source/describe.py /opt/env/share/bine

# Without byte code every kernel would compile what it imports, again and again, as it may not write it here. Not by uv's
# --compile-bytecode: a third of the files are the packages' own tests, which nobody imports.
echo "Compiling"
/opt/env/bin/python -m compileall -q -j 0 -x '/tests?/' /opt/env/lib || echo "Some files are not Python of this version; they stay uncompiled"

has() { /opt/env/bin/python -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)' "$1"; }

if has matplotlib; then
  echo "Listing the fonts for Matplotlib"
  XDG_CACHE_HOME=/home/bine/.cache /opt/env/bin/python -c 'import matplotlib.font_manager'
  # Matplotlib uses no folder that it may not write, whoever runs it.
  chmod 1777 /home/bine/.cache/matplotlib
fi

# The first completion in a kernel would wait until jedi has read them.
if has jedi; then
  echo "Reading the types of the standard library for completions"
  XDG_CACHE_HOME=/home/bine/.cache /opt/env/bin/python -c 'import jedi; jedi.Interpreter("import os\nos.", [{}]).complete()'
  find /home/bine/.cache/jedi -type d -exec chmod 1777 {} + -o -type f -exec chmod a+r {} +
fi
