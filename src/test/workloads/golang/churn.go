// What Go's runtime does besides running functions: goroutines that come and go and grow their stacks, collections of garbage,
// channels, system calls, code in assembly, signals that preempt.
package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"sort"
	"sync"
)

type node struct {
	left, right *node
	data        [4]int
}

//go:noinline
func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: tree(depth - 1), right: tree(depth - 1)}
}

//go:noinline
func deep(n int) int {
	var room [64]int
	room[n%64] = n
	if n == 0 {
		return 0
	}
	return deep(n-1) + room[n%64]
}

func job(results chan<- int, done *sync.WaitGroup) {
	defer done.Done()
	numbers := make([]int, 2000)
	for i := range numbers {
		numbers[i] = i * 7919 % 5003
	}
	sort.Ints(numbers)
	text := []byte(fmt.Sprint(numbers))
	for i := 0; i < 20; i++ {
		sum := sha256.Sum256(text)
		results <- int(sum[i])
	}
	tree(8)
	deep(40)
}

func main() {
	fmt.Println("ready")
	os.Stdout.Sync()
	results := make(chan int, 4)
	go func() {
		for range results {
		}
	}()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	for {
		var done sync.WaitGroup
		for i := 0; i < 8; i++ {
			done.Add(1)
			go job(results, &done)
		}
		done.Wait()
		fmt.Fprintln(null, "round")
	}
}
