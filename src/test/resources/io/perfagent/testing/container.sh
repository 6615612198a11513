#!/bin/sh
# A container without an engine: runs a command in mount, PID and network namespaces of its own (and a user namespace, if USERNS is
# set: then the caller is to be the user who shall be its root), on an overlay file system that exists in there only. Whatever it
# mounts and writes is gone with its last process.
#
#   ROOT      directory to copy on write, of a Debian or alike
#   SCRATCH   an empty directory
#   WORKLOADS directory that appears as /workloads
#   TMP       what /tmp is: dir, tmpfs, relative or absolute (a link), or the target of a link
#   NESTED    set: in one PID namespace more
#   SHARED    set: in the PID namespace of the caller
set -eu

if [ "${1:-}" != inside ]; then
  [ -n "${SHARED:-}" ] && pid= || pid=--pid
  exec unshare ${USERNS:+--user --map-root-user} --mount $pid --net --fork --kill-child sh "$0" inside "$@"
fi
shift
if [ -n "${NESTED:-}" ]; then
  unset NESTED
  exec unshare --pid --fork --kill-child sh "$0" inside "$@"
fi

mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$SCRATCH"
cd "$SCRATCH"
mkdir upper work merged
mount -t overlay -o "lowerdir=$ROOT,upperdir=$PWD/upper,workdir=$PWD/work" overlay merged
cd merged
mount -t proc proc proc
mkdir -p workloads old
mount --bind "$WORKLOADS" workloads
[ "$TMP" = tmpfs ] || rm -rf tmp
case $TMP in
  dir) mkdir -m 1777 tmp ;;
  tmpfs) mount -t tmpfs tmpfs tmp ;;
  relative)
    mkdir -p -m 1777 var/elsewhere
    ln -s var/elsewhere tmp
    ;;
  *)
    mkdir -p -m 1777 "./${TMP##*../}"
    ln -s "$TMP" tmp
    ;;
esac
pivot_root . old
cd /
# The root has no umount.
exec /usr/bin/python3.14 -c '
import ctypes, os, sys
ctypes.CDLL(None).umount2(b"/old", 2)
os.rmdir("/old")
os.execv(sys.argv[1], sys.argv[1:])' "$@"
