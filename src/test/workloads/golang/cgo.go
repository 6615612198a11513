// Go that calls C, and C that calls Go again: leaf <- goMiddle <- cHandler <- main.run <- main.main.
package main

/*
#include <stdint.h>

extern uint64_t goMiddle(uint64_t);

static uint64_t __attribute__((noinline)) cSpin(uint64_t n) {
    volatile uint64_t h = n;
    for (int i = 0; i < 20000; i++) {
        h = h * 31 + i;
    }
    return h;
}

static uint64_t __attribute__((noinline)) cHandler(uint64_t n) { return goMiddle(n) + 1; }
*/
import "C"

import (
	"fmt"
	"os"
)

//go:noinline
func leaf(n uint64) uint64 {
	h := n
	for i := uint64(0); i < 20000; i++ {
		h = h*31 + i
	}
	return h
}

//export goMiddle
func goMiddle(n C.uint64_t) C.uint64_t { return C.uint64_t(leaf(uint64(n))) + 1 }

//go:noinline
func run() {
	for n := uint64(0); ; n++ {
		C.cHandler(C.uint64_t(n))
		C.cSpin(C.uint64_t(n))
	}
}

func main() {
	fmt.Println("ready")
	os.Stdout.Sync()
	run()
}
