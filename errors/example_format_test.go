package errors_test

import (
	"encoding/json"
	"errors"
	"fmt"
)

// fmt cannot call methods on what it finds in an unexported field.
func Example_formatStruct() {
	type exported struct{ Err error }
	type unexported struct{ err error }
	failure := errors.New("disk full")
	fmt.Printf("%v\n", exported{failure})
	fmt.Println(fmt.Sprintf("%v", unexported{failure}) == "{disk full}")
	// Output:
	// {disk full}
	// false
}

// An error has no exported fields, and so nothing for JSON.
func Example_formatJSON() {
	failure := errors.New("disk full")
	asError, _ := json.Marshal(map[string]error{"error": failure})
	asText, _ := json.Marshal(map[string]string{"error": failure.Error()})
	fmt.Println(string(asError))
	fmt.Println(string(asText))
	// Output:
	// {"error":{}}
	// {"error":"disk full"}
}
