module stores/pyroscope

go 1.25.0

require (
	connectrpc.com/connect v1.19.2
	github.com/google/pprof v0.0.0-20251114195745-4902fdda35c8
	github.com/grafana/pyroscope/api v1.6.0
)
