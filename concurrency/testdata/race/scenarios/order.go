package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// The scenarios about happens-before. In each, one goroutine writes shared and
// another reads it.

var fromInit int

func init() { fromInit = 1 }

func init() {
	scenarios["go"] = func() {
		shared := 1
		done := make(chan bool)
		go func() {
			shared++
			done <- true
		}()
		<-done
		shared++
	}
	scenarios["init"] = func() {
		go func() { fromInit++ }()
		waitSilently()
	}
	scenarios["send"] = func() {
		shared, c := 0, make(chan bool, 1)
		go func() {
			shared = 1
			c <- true
		}()
		<-c
		shared++
	}
	scenarios["close"] = func() {
		shared, c := 0, make(chan bool)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				<-c
				use(shared)
			})
		}
		shared = 1
		close(c)
		all.Wait()
	}
	scenarios["receiveunbuffered"] = func() { receiveFirst(make(chan bool)) }
	scenarios["receivebuffered"] = func() { receiveFirst(make(chan bool, 1)) }
	scenarios["semaphore"] = func() {
		shared, c := 0, make(chan bool, 1)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				c <- true
				shared++
				<-c
			})
		}
		all.Wait()
	}
	scenarios["semaphore2"] = func() {
		shared, c := 0, make(chan bool, 2)
		add := func() {
			c <- true
			shared++
			<-c
		}
		both(add, add)
	}
	scenarios["mutex"] = func() {
		var mu sync.Mutex
		shared := 0
		add := func() {
			mu.Lock()
			shared++
			mu.Unlock()
		}
		both(add, add)
	}
	scenarios["rwmutex"] = func() {
		var mu sync.RWMutex
		shared := 0
		read := func() {
			mu.RLock()
			use(shared)
			mu.RUnlock()
		}
		both(func() {
			mu.Lock()
			shared++
			mu.Unlock()
		}, read)
	}
	scenarios["rlockwrite"] = func() {
		var mu sync.RWMutex
		shared := 0
		write := func() {
			mu.RLock()
			shared++
			mu.RUnlock()
		}
		both(write, write)
	}
	scenarios["twomutexes"] = func() {
		var a, b sync.Mutex
		shared := 0
		both(func() {
			a.Lock()
			shared++
			a.Unlock()
		}, func() {
			b.Lock()
			shared++
			b.Unlock()
		})
	}
	scenarios["trylock"] = func() {
		var mu sync.Mutex
		shared := 0
		release := make(chan bool)
		go func() {
			mu.Lock()
			shared = 1
			<-release
			mu.Unlock()
		}()
		for mu.TryLock() {
			mu.Unlock()
			runtime.Gosched()
		}
		shared++ // TryLock has failed, so the other goroutine has the lock
		release <- true
		waitSilently()
	}
	scenarios["once"] = func() {
		var once sync.Once
		shared := 0
		read := func() {
			once.Do(func() { shared = 1 })
			use(shared)
		}
		both(read, read)
	}
	scenarios["waitgroup"] = func() {
		var all sync.WaitGroup
		shared := 0
		all.Go(func() { shared = 1 })
		all.Wait()
		shared++
	}
	scenarios["cond"] = func() {
		var mu sync.Mutex
		cond := sync.NewCond(&mu)
		shared, ready := 0, false
		go func() {
			mu.Lock()
			shared, ready = 1, true
			cond.Signal()
			mu.Unlock()
		}()
		mu.Lock()
		for !ready {
			cond.Wait()
		}
		shared++
		mu.Unlock()
		waitSilently()
	}
	scenarios["atomic"] = func() {
		var ready atomic.Bool
		shared := 0
		go func() {
			shared = 1
			ready.Store(true)
		}()
		for !ready.Load() {
			runtime.Gosched()
		}
		shared++
	}
	scenarios["atomiclate"] = func() {
		var ready atomic.Bool
		shared := 0
		go func() {
			ready.Store(true)
			shared = 1
		}()
		for !ready.Load() {
			runtime.Gosched()
		}
		waitSilently()
		shared++
	}
	scenarios["context"] = func() {
		ctx, cancel := context.WithCancel(context.Background())
		shared := 0
		go func() {
			shared = 1
			cancel()
		}()
		<-ctx.Done()
		shared++
		waitSilently()
	}
	scenarios["contexterr"] = func() {
		ctx, cancel := context.WithCancel(context.Background())
		shared := 0
		go func() {
			shared = 1
			cancel()
		}()
		for ctx.Err() == nil {
			runtime.Gosched()
		}
		shared++
		waitSilently()
	}
	scenarios["contextafterfunc"] = func() {
		ctx, cancel := context.WithCancel(context.Background())
		shared := 0
		context.AfterFunc(ctx, func() { shared++ })
		shared = 1
		cancel()
		waitSilently()
	}
	scenarios["timeafterfunc"] = func() {
		shared := 1
		var done atomic.Bool
		time.AfterFunc(time.Nanosecond, func() {
			shared++
			done.Store(true)
		})
		for !done.Load() {
			runtime.Gosched()
		}
		shared++
	}
	scenarios["syncmap"] = func() {
		var m sync.Map
		shared := 0
		go func() {
			shared = 1
			m.Store("ready", true)
		}()
		for ok := false; !ok; _, ok = m.Load("ready") {
			runtime.Gosched()
		}
		shared++
		waitSilently()
	}

	scenarios["exit"] = func() {
		shared := 0
		go func() { shared = 1 }()
		waitSilently()
		shared++
	}
	scenarios["sleep"] = func() {
		shared := 0
		go func() { shared = 1 }()
		time.Sleep(20 * time.Millisecond)
		shared++
	}
	scenarios["gosched"] = func() {
		shared := 0
		go func() { shared = 1 }()
		runtime.Gosched()
		waitSilently()
		shared++
	}
	scenarios["len"] = func() {
		shared, c := 0, make(chan bool, 1)
		go func() {
			shared = 1
			c <- true
		}()
		for len(c) == 0 {
			runtime.Gosched()
		}
		shared++
	}
	scenarios["samevalue"] = func() {
		shared := 0
		set := func() { shared = 1 }
		both(set, set)
		use(&shared)
	}
	scenarios["publish"] = func() {
		type config struct{ limit int }
		var current *config
		both(func() { current = &config{limit: 1} }, func() {
			if current != nil {
				use(current.limit)
			}
		})
	}
	scenarios["lazyinit"] = func() {
		var value *int
		get := func() {
			if value == nil {
				value = new(int)
			}
		}
		both(get, get)
	}
}

func receiveFirst(c chan bool) {
	shared := 0
	go func() {
		shared = 1
		<-c
	}()
	c <- true
	shared++
	waitSilently()
}
