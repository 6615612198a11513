// Goroutines of which each has one chain of calls on its stack: leaf <- middle <- handler <- main.run <- runtime.goexit.
package main

import (
	"fmt"
	"os"
	"time"
)

//go:noinline
func leaf(n uint64) uint64 {
	h := n
	for i := uint64(0); i < 20000; i++ {
		h = h*31 + i
	}
	return h
}

//go:noinline
func middle(n uint64) uint64 { return leaf(n) + 1 }

//go:noinline
func handler(n uint64) uint64 { return middle(n) + 1 }

//go:noinline
func run() {
	for n := uint64(0); ; n++ {
		handler(n)
	}
}

func main() {
	for i := 0; i < 3; i++ {
		go run()
	}
	fmt.Println("ready")
	os.Stdout.Sync()
	time.Sleep(time.Hour)
}
