#!/bin/bash
# pprof's -tagfocus takes a value that begins with a digit for a number, and then keeps no sample whose label is text.
#
# Version: github.com/google/pprof v0.0.0-20261105003125-4bf881d7fb0b, from the Go module proxy.
# Source: internal/driver/driver_focus.go, compileTagFilter: what parses as a range of numbers filters numeric labels only.
# Expected: of a profile whose samples carry the text label pid=4711, `-tagfocus=pid=4711` keeps all of them, as
#   `-tagfocus=comm=shop` does for the text label comm.
# Seen: it keeps none and says so with no word but "0% of ... total"; so it does for a container's ID that begins with digits, where
#   the rest is read as a unit. `^` before the digits makes it a regular expression, which keeps them all.
set -euo pipefail
version=v0.0.0-20261105003125-4bf881d7fb0b
directory=$(mktemp -d)
trap 'chmod -R u+w "$directory"; rm -rf "$directory"' EXIT
cd "$directory"
export GOFLAGS=-mod=mod GOPATH=$directory/go GOCACHE=$directory/cache

cat >main.go <<'GO'
package main

import (
	"os"

	"github.com/google/pprof/profile"
)

func main() {
	function := &profile.Function{ID: 1, Name: "render"}
	location := &profile.Location{ID: 1, Line: []profile.Line{{Function: function}}}
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}},
		Sample: []*profile.Sample{{
			Location: []*profile.Location{location},
			Value:    []int64{7},
			Label:    map[string][]string{"pid": {"4711"}, "container_id": {"77ab"}, "comm": {"shop"}},
		}},
		Location: []*profile.Location{location},
		Function: []*profile.Function{function},
	}
	if err := p.Write(os.Stdout); err != nil {
		panic(err)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get "github.com/google/pprof@$version" >/dev/null 2>&1
go run . >text.pb.gz
go build -o pprof github.com/google/pprof

kept() { ./pprof -top -tagfocus="$1" text.pb.gz 2>&1 | grep -c 'render$' || true; }

changed=0
expect() { # filter, lines with the function
  seen=$(kept "$1")
  echo "-tagfocus=$1 keeps $seen of 1 sample"
  [ "$seen" = "$2" ] || changed=1
}
expect comm=shop 1
expect pid=4711 0
expect pid=^4711 1
expect container_id=77ab 0
expect container_id=^77ab 1
[ $changed = 0 ] || { echo "changed: pprof does something else now"; exit 1; }
echo "as described"
