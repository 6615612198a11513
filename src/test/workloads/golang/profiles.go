// Writes profiles of itself as runtime/pprof does: of CPU time, the heap and locks, into the directory that it is given. What runs is
// inlined, recursive and generic in parts.
package main

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"time"
)

var (
	sink  uint64
	kept  [][]byte
	texts []string
	lock  sync.Mutex
)

func small(x uint64) uint64 { return x*6364136223846793005 + 1442695040888963407 } // inlined

//go:noinline
func spin(n int) {
	x := sink
	for i := 0; i < n; i++ {
		x = small(x) ^ x>>7
	}
	sink = x
}

//go:noinline
func recurse(depth, n int) {
	if depth == 0 {
		spin(n)
		return
	}
	recurse(depth-1, n)
	spin(n / 8)
}

func largest[T int | float64](of []T) (most T) {
	for _, one := range of {
		if one > most {
			most = one
		}
	}
	return most
}

//go:noinline
func allocate(n int) {
	for i := 0; i < n; i++ {
		kept = append(kept, make([]byte, 1<<12+i))
		texts = append(texts, strings.Repeat("x", 1<<10))
	}
}

func contend() {
	var done sync.WaitGroup
	for i := 0; i < 4; i++ {
		done.Add(1)
		go func() {
			defer done.Done()
			for j := 0; j < 20; j++ {
				lock.Lock()
				time.Sleep(time.Millisecond)
				lock.Unlock()
			}
		}()
	}
	done.Wait()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func write(directory, name string) {
	file, err := os.Create(filepath.Join(directory, name+".pb.gz"))
	check(err)
	check(pprof.Lookup(name).WriteTo(file, 0))
	check(file.Close())
}

func main() {
	directory := os.Args[1]
	runtime.SetMutexProfileFraction(1)
	cpu, err := os.Create(filepath.Join(directory, "cpu.pb.gz"))
	check(err)
	check(pprof.StartCPUProfile(cpu))
	numbers := make([]float64, 1<<16)
	for until := time.Now().Add(700 * time.Millisecond); time.Now().Before(until); {
		recurse(12, 1<<14)
		spin(1 << 16)
		sink += uint64(largest(numbers))
	}
	allocate(4000)
	pprof.StopCPUProfile()
	check(cpu.Close())
	contend()
	runtime.GC()
	write(directory, "heap")
	write(directory, "allocs")
	write(directory, "mutex")
}
