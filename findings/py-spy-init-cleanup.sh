#!/bin/bash
# py-spy shows a frame "__init__ (__init__)" that no Python program has, between an object's __init__ and whoever made the object.
#
# Version: py-spy 0.4.3 from PyPI; CPython 3.13.5, org.bytedeco:cpython:3.13.5-1.5.12 from Maven Central.
# Source: CPython's Objects/codeobject.c, _Py_InitCleanup: once a call of a class is specialized (CALL_ALLOC_AND_ENTER_INIT), a frame of
#   that code stands below __init__ to check what it returns. Its name and its file are "__init__", and its line is 0. sys._current_frames
#   and tracebacks skip it.
# Expected: what a traceback at the same place shows: <module>, then Made.__init__.
# Seen: <module>, __init__ (__init__), __init__ (made.py:5): a function of a file that does not exist. With the first few calls of the class,
#   which are not specialized yet, the frame is not there.
set -euo pipefail
directory=$(mktemp -d)
trap 'kill "${program:-}" 2>/dev/null || true; rm -rf "$directory"' EXIT
cd "$directory"
artifact=org.bytedeco:cpython:3.13.5-1.5.12:jar:linux-x86_64
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy "-Dartifact=$artifact" "-DoutputDirectory=$directory"
unzip -q cpython-*.jar 'org/bytedeco/cpython/*'
home=$directory/org/bytedeco/cpython/linux-x86_64
chmod +x "$home/bin/python3.13"
python3 -m pip -q --disable-pip-version-check install --root-user-action ignore --only-binary :all: --target py-spy py-spy==0.4.3 2>/dev/null ||
  python3 -m pip -q --disable-pip-version-check install --only-binary :all: --target py-spy py-spy==0.4.3

cat >made.py <<'PYTHON'
import sys, time, traceback
class Made:
    def __init__(self, last):
        if last:
            print("traceback:", *(f"{f.name}:{f.lineno}" for f in traceback.extract_stack()), flush=True); time.sleep(60)
calls = int(sys.argv[1])
for i in range(calls):
    Made(i == calls - 1)
PYTHON
frames() { # how many calls
  rm -f said
  LD_LIBRARY_PATH=$home:$home/lib PYTHONHOME=$home "$home/bin/python3.13" made.py "$1" >said &
  program=$!
  until [ -s said ]; do sleep 0.1; done
  py-spy/bin/py-spy dump --pid "$program" | grep -E '^ +[^ ]+ \(' || true
  kill "$program"
}
first=$(frames 1)
later=$(frames 9000)
cat said
echo "py-spy, first call:"
echo "$first"
echo "py-spy, call 9,000:"
echo "$later"
! grep -q '__init__ (__init__' <<<"$first" && grep -q '__init__ (__init__' <<<"$later" || { echo "changed"; exit 1; }
echo "as described"
