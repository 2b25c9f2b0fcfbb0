package reflection_test

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-deep-dive/godeep/reflection"
)

// In a program the second argument is os.LookupEnv.
func ExampleDecodeConfig() {
	env := map[string]string{"TIMEOUT": "30s", "PEERS": "a:1, b:2", "DB_URL": "db.example"}
	lookup := func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
	var config struct {
		Addr    string        `config:"ADDR" default:":8080"`
		Timeout time.Duration `config:"TIMEOUT" default:"5s"`
		Peers   []string      `config:"PEERS"`
		DB      struct {
			URL      string `config:"URL,required"`
			Password string `config:"PASSWORD,required"`
		} `config:"DB"`
	}
	err := reflection.DecodeConfig(&config, lookup)
	fmt.Println(config.Addr, config.Timeout, config.Peers, config.DB.URL)
	fmt.Println(err)
	// Output:
	// :8080 30s [a:1 b:2] db.example
	// DB_PASSWORD: is required
}

func ExampleConfigError() {
	var config struct {
		Workers int `config:"WORKERS"`
	}
	err := reflection.DecodeConfig(&config, func(string) (string, bool) { return "many", true })
	setting, ok := errors.AsType[*reflection.ConfigError](err)
	fmt.Println(ok, setting.Name)
	// Output:
	// true WORKERS
}

// The value is not part of the text: it may be a secret.
func ExampleConfigError_Error() {
	var config struct {
		Pin uint16 `config:"PIN"`
	}
	fmt.Println(reflection.DecodeConfig(&config, func(string) (string, bool) { return "secret", true }))
	// Output:
	// PIN: is no uint16: invalid syntax
}

func ExampleConfigError_Unwrap() {
	var config struct {
		Workers uint8 `config:"WORKERS"`
	}
	err := reflection.DecodeConfig(&config, func(string) (string, bool) { return "256", true })
	fmt.Println(errors.Is(err, strconv.ErrRange), errors.Is(err, strconv.ErrSyntax))
	// Output:
	// true false
}
