// Globals prints what large global variables mean for the collector.
package main

import (
	"fmt"
	"runtime"
	"runtime/metrics"
)

var (
	pointers [1 << 20]*byte
	numbers  [32 << 20]byte
)

func main() {
	one := new(byte)
	for i := range pointers {
		pointers[i] = one
	}
	for i := range numbers {
		numbers[i] = byte(i)
	}
	report("cycles", "/gc/cycles/automatic:gc-cycles")
	runtime.GC()
	report("globals", "/gc/scan/globals:bytes")
	report("goal", "/gc/heap/goal:bytes")
	report("mapped", "/memory/classes/total:bytes")
	runtime.KeepAlive(numbers[0])
}

func report(name, metric string) {
	sample := []metrics.Sample{{Name: metric}}
	metrics.Read(sample)
	fmt.Printf("pacing %s %d\n", name, sample[0].Value.Uint64())
}
