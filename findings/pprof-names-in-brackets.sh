#!/bin/bash
# pprof shows the function `<module>` as `<unknown>` where its name and its system_name are equal.
#
# Version: github.com/google/pprof v0.0.0-20261105003125-4bf881d7fb0b, from the Go module proxy.
# Source: internal/symbolizer/symbolizer.go, demangleSingleFunction: a name equal to its system_name counts as not demangled yet, and what
#   stands in angle brackets as parameters of a template, which are left out.
# Expected: the name of a profile is shown as it stands there: Python calls the code of a module `<module>`.
# Seen: with an equal system_name the name is gone, and the time of all modules is that of `<unknown>`; `outer.<locals>.<lambda>` keeps its
#   name. With an empty system_name both do.
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

// Arguments: the names of functions. With SYSTEM_NAMES=equal they have them as system_name, too.
func main() {
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}}}
	for i, name := range os.Args[1:] {
		function := &profile.Function{ID: uint64(i + 1), Name: name}
		if os.Getenv("SYSTEM_NAMES") == "equal" {
			function.SystemName = name
		}
		location := &profile.Location{ID: function.ID, Line: []profile.Line{{Function: function}}}
		p.Function = append(p.Function, function)
		p.Location = append(p.Location, location)
		p.Sample = append(p.Sample, &profile.Sample{Location: []*profile.Location{location}, Value: []int64{1}})
	}
	if err := p.Write(os.Stdout); err != nil {
		panic(err)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get "github.com/google/pprof@$version" >/dev/null 2>&1
go build -o pprof github.com/google/pprof
go build -o write .

names=('outer.<locals>.<lambda>' 'outer.<locals>.<genexpr>' '<module>')
SYSTEM_NAMES=equal ./write "${names[@]}" >equal.pb.gz
SYSTEM_NAMES=empty ./write "${names[@]}" >empty.pb.gz
shown() { ./pprof -top "$1" 2>/dev/null | sed -n '/flat%/,$p' | tail -n +2 | awk '{print $6}' | sort | tr '\n' '|'; }

equal=$(shown equal.pb.gz)
empty=$(shown empty.pb.gz)
echo "with system_name: $equal"
echo "without:          $empty"
[ "$empty" = '<module>|outer.<locals>.<genexpr>|outer.<locals>.<lambda>|' ] && [ "$equal" = '<unknown>|outer.<locals>.<genexpr>|outer.<locals>.<lambda>|' ] ||
  { echo "changed: pprof shows other names now"; exit 1; }
echo "as described"
