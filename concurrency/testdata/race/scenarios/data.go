package main

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"math/rand"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// The scenarios about what is one variable, and about the detector itself.

type threeFields struct{ a, b, c uint8 }

func init() {
	scenarios["counter"] = func() {
		n := 0
		add := func() { n++ }
		both(add, add)
		fmt.Println("total:", n)
	}
	scenarios["tworaces"] = func() {
		var a, b int
		both(func() { a++ }, func() { a++ })
		both(func() { b++ }, func() { b++ })
		fmt.Println("at the end")
	}
	scenarios["indexes"] = func() {
		s := make([]uint8, 2)
		both(func() { s[0]++ }, func() { s[1]++ })
	}
	scenarios["sameindex"] = func() {
		s := make([]uint8, 2)
		both(func() { s[0]++ }, func() { s[0]++ })
	}
	scenarios["append"] = func() {
		var s []int
		both(func() { s = append(s, 1) }, func() { s = append(s, 2) })
	}
	scenarios["appendlocal"] = func() {
		s := make([]int, 2, 4)
		both(func() { _ = append(s, 1) }, func() { _ = append(s, 2) })
	}
	scenarios["appendclipped"] = func() {
		s := make([]int, 2, 4)
		s = s[:2:2]
		both(func() { _ = append(s, 1) }, func() { _ = append(s, 2) })
	}
	scenarios["length"] = func() {
		var s []int
		both(func() { s = append(s, 1) }, func() { use(len(s)) })
	}
	scenarios["maplength"] = func() {
		m := map[int]int{}
		both(func() { m[1] = 1 }, func() { use(len(m)) })
	}
	scenarios["fields"] = func() {
		var s threeFields
		both(func() { s.a++ }, func() { s.b++ })
	}
	scenarios["copystruct"] = func() {
		var s, t threeFields
		both(func() { s.a++ }, func() { t = s })
		use(&t)
	}
	scenarios["bits"] = func() {
		var flags uint8
		both(func() { flags |= 1 }, func() { flags |= 2 })
	}
	scenarios["mapread"] = func() {
		m := map[int]int{1: 1, 2: 2}
		read := func() {
			use(m[1] + len(m))
			for k := range m {
				use(k)
			}
		}
		both(read, read)
	}
	scenarios["mapkeys"] = func() {
		m := map[int]int{1: 1, 2: 2}
		both(func() { m[1]++ }, func() { m[2]++ })
	}
	scenarios["mapunguardedread"] = func() {
		m := map[int]int{1: 1}
		var mu sync.Mutex
		both(func() {
			mu.Lock()
			m[1]++
			mu.Unlock()
		}, func() { use(m[1]) })
	}
	scenarios["mixed"] = func() {
		var n int64
		both(func() { atomic.AddInt64(&n, 1) }, func() { use(n) })
	}
	scenarios["outererr"] = func() {
		load := func() (int, error) { return 1, errors.New("no") }
		var err error
		both(func() { _, err = load() }, func() { _, err = load() })
		use(&err)
	}
	scenarios["innererr"] = func() {
		load := func() (int, error) { return 1, errors.New("no") }
		var err error
		both(func() { _, err := load(); use(err) }, func() { _, err := load(); use(err) })
		use(&err)
	}
	scenarios["loopvar"] = func() {
		for i := range 3 {
			go func() { use(i) }()
		}
		waitSilently()
	}
	scenarios["oldloopvar"] = oldLoopVariable
	scenarios["buffer"] = func() {
		var b bytes.Buffer
		both(func() { b.WriteString("a") }, func() { use(b.String()) })
	}

	scenarios["safetypes"] = func() {
		logger := log.New(new(bytes.Buffer), "", 0)
		word := regexp.MustCompile("[a-z]+")
		replacer := strings.NewReplacer("a", "b")
		work := func() {
			use(rand.Int())
			use(word.FindString("1 one"))
			use(replacer.Replace("a"))
			logger.Print("done") // at the end: it orders nothing before it in the other goroutine
		}
		var all sync.WaitGroup
		all.Go(work)
		all.Go(work)
		all.Wait()
	}

	scenarios["notexecuted"] = func() {
		n := 0
		add := func() {
			if os.Getenv("RARE") != "" {
				n++
			}
		}
		both(add, add)
	}
	scenarios["withlog"] = func() { incrementTwice(log.New(new(bytes.Buffer), "", 0)) }
	scenarios["withoutlog"] = func() { incrementTwice(nil) }
	scenarios["logical"] = func() {
		var mu sync.Mutex
		balance := 100
		var haveRead, done sync.WaitGroup
		haveRead.Add(2)
		for range 2 {
			done.Go(func() {
				mu.Lock()
				old := balance
				mu.Unlock()
				haveRead.Done()
				haveRead.Wait()
				mu.Lock()
				balance = old - 30
				mu.Unlock()
			})
		}
		done.Wait()
		fmt.Println("balance:", balance)
	}
	scenarios["enabled"] = func() { fmt.Println("race detector:", raceEnabled) }
	scenarios["many"] = func() {
		const n = 9000
		started, stop := make(chan bool), make(chan bool)
		for range n {
			go func() {
				started <- true
				<-stop
			}()
		}
		for range n {
			<-started
		}
		fmt.Println("goroutines:", runtime.NumGoroutine())
		close(stop)
	}
}

// incrementTwice races on n, with a log line after the first increment and one
// before the second.
func incrementTwice(logger *log.Logger) {
	n := 0
	line := func() {
		if logger != nil {
			logger.Print("n")
		}
	}
	both(func() {
		n++
		line()
	}, func() {
		line()
		n++
	})
}
