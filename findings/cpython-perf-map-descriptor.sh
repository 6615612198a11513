#!/bin/bash
# With its perf trampoline on, CPython writes lines of its perf map into files of the program, once the program has closed the descriptors
# that it inherited.
#
# Version: CPython 3.13.5, org.bytedeco:cpython:3.13.5-1.5.12 from Maven Central.
# Source: Python/sysmodule.c, PyUnstable_PerfMapState_Init and PyUnstable_WritePerfMapEntry: the map is opened once, and stays open as a
#   stream whose number is never looked at again.
# Expected: a daemon's usual os.closerange(3, 256) costs it the map, at most.
# Seen: the next file that is opened gets the map's number, and each function that is called first afterwards leaves a line in that file.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
artifact=org.bytedeco:cpython:3.13.5-1.5.12:jar:linux-x86_64
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy "-Dartifact=$artifact" "-DoutputDirectory=$directory"
unzip -q cpython-*.jar 'org/bytedeco/cpython/*'
home=$directory/org/bytedeco/cpython/linux-x86_64
chmod +x "$home/bin/python3.13"

cat >daemon.py <<'PYTHON'
import os, sys
os.closerange(3, 256)
data = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
os.write(data, b'record 1\n')
def first_called_now(): return 1
first_called_now()
os.write(data, b'record 2\n')
os.unlink('/tmp/perf-%d.map' % os.getpid()) if sys.is_stack_trampoline_active() else None
PYTHON
run() { LD_LIBRARY_PATH=$home:$home/lib PYTHONHOME=$home "$home/bin/python3.13" "$@"; }

run daemon.py without
run -X perf daemon.py with
foreign=$(grep -vc '^record' with || true)
echo "without -X perf: $(wc -l <without) lines; with it: $(wc -l <with), of which $foreign are CPython's, such as"
grep -m1 -v '^record' with | cut -c1-60 || true
[ "$(grep -vc '^record' without || true)" = 0 ] && [ "$foreign" -gt 0 ] || { echo "changed: the file is as written"; exit 1; }
echo "as described"
