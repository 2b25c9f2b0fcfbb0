// The function returns a typed nil, and neither compiler nor vet says so.
package main

type fault struct{}

func (*fault) Error() string { return "fault" }

func check(ok bool) error {
	var f *fault
	if !ok {
		f = new(fault)
	}
	return f
}

func main() {
	println(check(true) != nil)
}
