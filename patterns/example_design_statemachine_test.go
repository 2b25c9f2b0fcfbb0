package patterns_test

import (
	"fmt"
	"strings"
)

// A state does its work and returns the next state, or nil at the end.
type turnstileState func(coin bool) turnstileState

func turnstileLocked(coin bool) turnstileState {
	if !coin {
		fmt.Println("locked: push is refused")
		return turnstileLocked
	}
	fmt.Println("locked: coin unlocks it")
	return turnstileOpen
}

func turnstileOpen(coin bool) turnstileState {
	if coin {
		fmt.Println("open: coin is lost")
		return turnstileOpen
	}
	fmt.Println("open: push lets one pass")
	return turnstileLocked
}

// The loop that runs the machine does not know its states.
func Example_designStateMachine() {
	state := turnstileState(turnstileLocked)
	for _, event := range strings.Fields("push coin coin push") {
		state = state(event == "coin")
	}
	// Output:
	// locked: push is refused
	// locked: coin unlocks it
	// open: coin is lost
	// open: push lets one pass
}
