#!/bin/sh
# Runs once, as root, in a container of the image that environments are built on. The result is kept as Bine's base image:
# uv, the user that kernels run as, the user that owns the packages, and the supervisor in a Python of its own, out of the way of users' packages.
# Given: BINE_UID, BINE_GID, BINE_BUILDER; the supervisor's source and what is locked, read-only, in /bine-source/supervisor and /bine-source/base.
set -eu

say() { printf '== %s\n' "$1"; }

missing=
command -v git >/dev/null || missing=git
command -v python3 >/dev/null || missing="$missing python3 python3-venv"
if [ -n "$missing" ]; then
  say "installing$missing"
  apt-get update -q
  # shellcheck disable=SC2086 # a list of packages
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing libgomp1
  rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
fi

say "$(python3 --version)"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "the base image needs Python 3.11 or newer"; exit 1; }

say 'installing uv'
python3 -m venv /tmp/uv
# All that runs here is root: nothing is installed that is not what it was when it was locked, and nothing is built but our own.
/tmp/uv/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir \
  --require-hashes --only-binary :all: --requirement /bine-source/base/uv.lock
install -m 755 /tmp/uv/bin/uv /usr/local/bin/uv

say "adding the user bine ($BINE_UID:$BINE_GID)"
# Written by hand: every distribution has the files, not every one has useradd, and an image may have taken the ids.
sed -i -e '/^bine:/d' -e "/^[^:]*:[^:]*:$BINE_UID:/d" /etc/passwd
sed -i -e '/^bine:/d' -e "/^[^:]*:[^:]*:$BINE_GID:/d" /etc/group
echo "bine:x:$BINE_UID:$BINE_GID:Bine:/home/bine:/bin/bash" >>/etc/passwd
echo "bine:x:$BINE_GID:" >>/etc/group
mkdir -p /home/bine /project /bine
chown "$BINE_UID:$BINE_GID" /home/bine /project /bine
# Kernels and jobs run as the user id of their project, whichever that is; nobody else is in their container.
chmod 0777 /home/bine

say "adding the user bine-build ($BINE_BUILDER)"
# Installs the packages, in containers of its own; whatever runs in an environment may read them and not write them.
sed -i -e '/^bine-build:/d' /etc/passwd /etc/group
echo "bine-build:x:$BINE_BUILDER:$BINE_BUILDER:Bine, builds:/tmp:/bin/sh" >>/etc/passwd
echo "bine-build:x:$BINE_BUILDER:" >>/etc/group
mkdir -p /opt/env /cache/uv /home/bine/.cache
chown "$BINE_BUILDER:$BINE_BUILDER" /opt/env /cache/uv
chmod 1777 /home/bine/.cache

say 'installing the supervisor'
# A copy, because building it writes beside the source.
cp -R /bine-source/supervisor /tmp/supervisor
uv venv --quiet --python "$(command -v python3)" /opt/bine
uv pip install --no-cache --python /opt/bine --compile-bytecode \
  --require-hashes --only-binary :all: --requirements /bine-source/base/supervisor.lock
uv pip install --no-cache --python /opt/bine --compile-bytecode --no-deps --no-build-isolation /tmp/supervisor
uv pip uninstall --python /opt/bine setuptools
# One path whatever Python's version: a job's runner skips Python's own search for packages, which its program would wait for.
ln -s "$(/opt/bine/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')" /opt/bine/packages
# What a job leaves; a mount of its own would cost it time.
ln -s /bine/results /results

say 'adding what says how packages are installed'
# Last on the path of kernels and jobs: an environment that has pip itself uses that.
mkdir /opt/bine/commands
printf '#!/bin/sh\n%s\n%s\n%s\n' \
  'echo "$(basename "$0") is not here: packages are installed into the environment, with \"bine env install ENVIRONMENT PACKAGE -p PROJECT\"' \
  'or with \"Install Packages…\" in the editor. Running kernels get them in place." >&2' \
  'exit 127' >/opt/bine/commands/pip
chmod 755 /opt/bine/commands/pip
for name in pip3 conda mamba; do ln -s pip "/opt/bine/commands/$name"; done

# Some images come without byte code for the standard library, which costs every kernel half a second.
say 'compiling the standard library'
python3 -c 'import sysconfig; print(sysconfig.get_paths()["stdlib"])' | xargs python3 -m compileall -q -j 0 -x 'site-packages|dist-packages|/test/|lib2to3|idlelib' || true

rm -rf /tmp/uv /tmp/supervisor /root/.cache
say 'done'
