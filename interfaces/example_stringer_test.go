package interfaces_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/go-deep-dive/godeep/interfaces"
)

func ExampleSecret() {
	login := struct {
		User     string
		Password interfaces.Secret
	}{"ada", "hunter2"}
	fmt.Printf("%v %+v\n", login, login)
	text, _ := json.Marshal(login)
	fmt.Println(string(text))
	// Output:
	// {ada ***} {User:ada Password:***}
	// {"User":"ada","Password":"***"}
}

func ExampleSecret_Expose() {
	password := interfaces.Secret("hunter2")
	fmt.Println(password, password.Expose())
	// Output:
	// *** hunter2
}

func ExampleSecret_Format() {
	password := interfaces.Secret("hunter2")
	fmt.Printf("%s %q %x %#v %d\n", password, password, password, password, password)
	// Output:
	// *** *** *** *** ***
}

func ExampleSecret_String() {
	var s fmt.Stringer = interfaces.Secret("hunter2")
	fmt.Println("a text of " + s.String())
	// Output:
	// a text of ***
}

func ExampleSecret_MarshalText() {
	text, err := interfaces.Secret("hunter2").MarshalText()
	fmt.Println(string(text), err)
	// Output:
	// *** <nil>
}

func ExampleSecret_LogValue() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	log.Info("login", "password", interfaces.Secret("hunter2"))
	// Output:
	// level=INFO msg=login password=***
}

type temperature float64

// The conversion to float64 is what keeps String from calling itself.
func (t temperature) String() string { return fmt.Sprintf("%.1f °C", float64(t)) }

func Example_stringerConversion() {
	fmt.Println(temperature(21.5), []temperature{0, 100})
	// Output:
	// 21.5 °C [0.0 °C 100.0 °C]
}

// quotaError has both methods: fmt prefers Error.
type quotaError struct{ used int }

func (quotaError) String() string  { return "from String" }
func (e quotaError) Error() string { return fmt.Sprintf("quota: %d used", e.used) }

func Example_stringerErrorFirst() {
	fmt.Println(quotaError{7})
	fmt.Println(errors.Join(quotaError{8}))
	// Output:
	// quota: 7 used
	// quota: 8 used
}
