// A server that takes profiles as Pyroscope does: on its official classes of the wire, with the limits that it has unless told otherwise
// (pkg/validation/limits.go of Pyroscope 2). The server itself is in no registry of modules. What it takes goes into files:
//
//	pyroscope ADDRESS DIRECTORY    0001.pb.gz, and 0001.labels with a line name=value for each label
//
// POST /refuse?status=429&times=3 has the next three requests answered so. POST /slow?millis=500 has answers held back for up to so long,
// after what was sent has been kept.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"
	"github.com/google/pprof/profile"
	pushv1 "github.com/grafana/pyroscope/api/gen/proto/go/push/v1"
	"github.com/grafana/pyroscope/api/gen/proto/go/push/v1/pushv1connect"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

const (
	mostBytes        = 4 << 20
	mostSamples      = 16_000
	mostLabels       = 30
	mostSampleLabels = 100
	mostNameBytes    = 1_024
	mostValueBytes   = 2_048
	oldest           = time.Hour
	newest           = 10 * time.Minute
)

type server struct {
	mutex     sync.Mutex
	directory string
	number    int
	refusals  int
	slow      int
	status    int
}

func (s *server) Push(_ context.Context, request *connect.Request[pushv1.PushRequest]) (*connect.Response[pushv1.PushResponse], error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, series := range request.Msg.Series {
		if err := checkLabels(series.Labels); err != nil {
			return nil, connect.NewError(connect.CodeInvalidArgument, err)
		}
		for _, sample := range series.Samples {
			if err := checkProfile(sample); err != nil {
				return nil, connect.NewError(connect.CodeInvalidArgument, err)
			}
		}
	}
	for _, series := range request.Msg.Series {
		for _, sample := range series.Samples {
			if err := s.keep(series.Labels, sample.RawProfile); err != nil {
				return nil, connect.NewError(connect.CodeInternal, err)
			}
		}
	}
	return connect.NewResponse(&pushv1.PushResponse{}), nil
}

func checkLabels(labels []*typesv1.LabelPair) error {
	names := map[string]bool{}
	for _, label := range labels {
		if names[label.Name] {
			return fmt.Errorf("label %q is there twice", label.Name)
		}
		names[label.Name] = true
		if len(label.Name) > mostNameBytes || len(label.Value) > mostValueBytes {
			return fmt.Errorf("label %q is too long", label.Name)
		}
		if strings.ContainsFunc(label.Name, func(r rune) bool {
			return !(r == '_' || r == '.' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
		}) {
			return fmt.Errorf("label %q is no name", label.Name)
		}
	}
	if len(labels) > mostLabels {
		return fmt.Errorf("%d labels", len(labels))
	}
	if !names["__name__"] || !names["service_name"] {
		return errors.New("no __name__ or no service_name")
	}
	return nil
}

func checkProfile(sample *pushv1.RawSample) error {
	reader, err := gzip.NewReader(bytes.NewReader(sample.RawProfile))
	if err != nil {
		return err
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		return err
	}
	if len(plain) > mostBytes {
		return fmt.Errorf("%d bytes", len(plain))
	}
	parsed, err := profile.ParseUncompressed(plain)
	if err != nil {
		return err
	}
	if err := parsed.CheckValid(); err != nil {
		return err
	}
	if len(parsed.Sample) > mostSamples {
		return fmt.Errorf("%d samples", len(parsed.Sample))
	}
	for _, one := range parsed.Sample {
		if len(one.Label)+len(one.NumLabel) > mostSampleLabels {
			return errors.New("too many labels on a sample")
		}
	}
	age := time.Since(time.Unix(0, parsed.TimeNanos))
	if age > oldest || -age > newest {
		return fmt.Errorf("it is %v old", age)
	}
	return nil
}

func (s *server) keep(labels []*typesv1.LabelPair, file []byte) error {
	s.number++
	var lines strings.Builder
	for _, label := range labels {
		fmt.Fprintf(&lines, "%s=%s\n", label.Name, label.Value)
	}
	base := filepath.Join(s.directory, fmt.Sprintf("%04d", s.number))
	if err := os.WriteFile(base+".labels", []byte(lines.String()), 0o600); err != nil {
		return err
	}
	return os.WriteFile(base+".pb.gz", file, 0o600)
}

// Whether a request was answered with what the test wants.
func (s *server) refuses(answer http.ResponseWriter) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.refusals == 0 {
		return false
	}
	s.refusals--
	http.Error(answer, "refused", s.status)
	return true
}

func (s *server) pause() {
	s.mutex.Lock()
	longest := s.slow
	s.mutex.Unlock()
	if longest > 0 {
		time.Sleep(time.Duration(rand.IntN(longest)) * time.Millisecond)
	}
}

func main() {
	taken, err := filepath.Glob(filepath.Join(os.Args[2], "*.pb.gz"))
	if err != nil {
		panic(err)
	}
	s := &server{directory: os.Args[2], number: len(taken)}
	mux := http.NewServeMux()
	path, handler := pushv1connect.NewPusherServiceHandler(s)
	mux.HandleFunc(path, func(answer http.ResponseWriter, request *http.Request) {
		if !s.refuses(answer) {
			recorded := httptest.NewRecorder()
			handler.ServeHTTP(recorded, request)
			s.pause()
			for name, values := range recorded.Header() {
				answer.Header()[name] = values
			}
			answer.WriteHeader(recorded.Code)
			_, _ = answer.Write(recorded.Body.Bytes())
		}
	})
	mux.HandleFunc("/refuse", func(_ http.ResponseWriter, request *http.Request) {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		s.status, _ = strconv.Atoi(request.FormValue("status"))
		s.refusals, _ = strconv.Atoi(request.FormValue("times"))
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, request *http.Request) {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		s.slow, _ = strconv.Atoi(request.FormValue("millis"))
	})
	mux.HandleFunc("/ready", func(http.ResponseWriter, *http.Request) {})
	panic(http.ListenAndServe(os.Args[1], mux))
}
