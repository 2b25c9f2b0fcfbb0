package reflection

import (
	"errors"
	"log/slog"
	"net/netip"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// configLookup makes a lookup of a map, and counts.
type configLookup struct {
	settings map[string]string
	asked    []string
}

func (l *configLookup) lookup(name string) (string, bool) {
	l.asked = append(l.asked, name)
	value, ok := l.settings[name]
	return value, ok
}

type configStore struct {
	URL   string `config:"URL,required"`
	Conns *int   `config:"CONNS"`
}

type configCommon struct {
	Level slog.Level `config:"LEVEL" default:"INFO"`
}

type configServer struct {
	configCommon
	Addr    string        `config:"ADDR" default:":8080"`
	Debug   bool          `config:"DEBUG"`
	Timeout time.Duration `config:"TIMEOUT" default:"5s"`
	Workers uint8         `config:"WORKERS"`
	Ratio   float64       `config:"RATIO"`
	Peers   []netip.Addr  `config:"PEERS"`
	Ports   []int         `config:"PORTS"`
	DB      configStore   `config:"DB"`
	Cache   *configStore  `config:"CACHE"`
	Other   func()
	private int
}

// Walk the struct type once and make a flat list of settings from it: the name,
// the path of indexes to the field, the default, and a function that parses the
// text for the type of the field. Loading follows the list: look up, parse,
// set. The defaults are parsed when the list is made, so a wrong one is found
// at the first start and not on the day it is needed. An interface such as
// encoding.TextUnmarshaler lets any type take part. Report all missing and
// malformed settings together, by their names and without their values, because
// one of them is a password. DecodeConfig is such a function.
//
//claim:ask How do you load a configuration from environment variables by struct tags?
//claim:source https://pkg.go.dev/encoding#TextUnmarshaler
//claim:source https://pkg.go.dev/os#LookupEnv
func TestConfigDecode(t *testing.T) {
	env := configLookup{settings: map[string]string{
		"LEVEL": "WARN", "DEBUG": "true", "WORKERS": "0x10", "RATIO": "0.5", "PEERS": "::1, 10.0.0.1", "PORTS": "",
		"DB_URL": "db:1", "DB_CONNS": "7", "CACHE_URL": "cache:1",
	}}
	config := configServer{Ports: []int{80}, private: 3}
	require.NoError(t, DecodeConfig(&config, env.lookup))
	seven := 7
	assert.Equal(t, configServer{
		configCommon: configCommon{Level: slog.LevelWarn},
		Addr:         ":8080", Debug: true, Timeout: 5 * time.Second, Workers: 16, Ratio: 0.5,
		Peers: []netip.Addr{netip.IPv6Loopback(), netip.MustParseAddr("10.0.0.1")}, Ports: []int{},
		DB: configStore{URL: "db:1", Conns: &seven}, Cache: &configStore{URL: "cache:1"}, private: 3,
	}, config)
	assert.Equal(t, []string{"LEVEL", "ADDR", "DEBUG", "TIMEOUT", "WORKERS", "RATIO", "PEERS", "PORTS", "DB_URL", "DB_CONNS", "CACHE_URL", "CACHE_CONNS"}, env.asked)

	bad := configLookup{settings: map[string]string{
		"LEVEL": "hunter2", "DEBUG": "hunter2", "WORKERS": "256", "TIMEOUT": "5", "PEERS": "::1,hunter2", "PORTS": "1,-,3", "DB_URL": "", "CACHE_URL": "c", "CACHE_CONNS": "hunter2", "RATIO": "1",
	}}
	config = configServer{Workers: 9}
	err := DecodeConfig(&config, bad.lookup)
	assert.EqualError(t, err, "LEVEL: is not a slog.Level\n"+
		"DEBUG: is no bool: invalid syntax\n"+
		"TIMEOUT: is no time.Duration: invalid syntax\n"+
		"WORKERS: is no uint8: value out of range\n"+
		"PEERS: element 1 is not a netip.Addr\n"+
		"PORTS: element 1 is no int: invalid syntax\n"+
		"DB_URL: is required\n"+
		"CACHE_CONNS: is no int: invalid syntax")
	assert.ErrorIs(t, err, strconv.ErrRange)
	missing, ok := errors.AsType[*ConfigError](err)
	require.True(t, ok)
	assert.Equal(t, "LEVEL", missing.Name)
	assert.Equal(t, uint8(9), config.Workers, "kept")
	assert.Equal(t, 1.0, config.Ratio, "set all the same")
}

func TestConfigTagErrors(t *testing.T) {
	nothing := func(string) (string, bool) { return "", false }
	assert.EqualError(t, DecodeConfig(configServer{}, nothing), "config: want a pointer to a struct, not reflection.configServer")
	assert.EqualError(t, DecodeConfig((*configServer)(nil), nothing), "config: want a pointer to a struct, not *reflection.configServer")
	assert.EqualError(t, DecodeConfig(nil, nothing), "config: want a pointer to a struct, not <nil>")
	assert.EqualError(t, DecodeConfig(new(int), nothing), "config: want a pointer to a struct, not *int")

	type ring struct {
		Next *ring `config:"NEXT"`
	}
	for reason, dst := range map[string]any{
		"the struct contains itself": new(ring),
		"unknown option": &struct {
			A int `config:"A,requird"`
		}{},
		"a name is missing": &struct {
			A int `config:",required"`
		}{},
		"the field is not exported": &struct {
			a int `config:"A"`
		}{a: 1},
		"no settings for type func()": &struct {
			A func() `config:"A"`
		}{},
		"no settings for type map[string]int": &struct {
			A map[string]int `config:"A"`
		}{},
		"a struct has no options": &struct {
			A configCommon `config:"A,required"`
		}{},
		"a required setting has no default": &struct {
			A int `config:"A,required" default:"1"`
		}{},
		"the default is no int8: value out of range": &struct {
			A int8 `config:"A" default:"200"`
		}{},
		"the default is no time.Duration: invalid syntax": &struct {
			A time.Duration `config:"A" default:"5"`
		}{},
		"another field has this setting": &struct {
			A, B int `config:"A"`
		}{},
	} {
		err := DecodeConfig(dst, nothing)
		assert.ErrorContains(t, err, reason)
		_, ok := errors.AsType[*TagError](err)
		assert.True(t, ok)
	}
	type embedded struct {
		*configCommon `config:"X"`
	}
	assert.ErrorContains(t, DecodeConfig(new(embedded), nothing), "the field is not exported")
	require.NoError(t, DecodeConfig(&struct {
		time.Time
		A int `config:"-"`
	}{}, nothing))
}

// Make what it points to on the way, before the field is reached. FieldByIndex
// panics at a nil pointer to a struct, because a read has nothing to return
// there; FieldByIndexErr, since Go 1.18, returns an error. A decoder does
// neither: it sets reflect.New of the element type and goes on, which works for
// exported fields only. An embedded pointer to a struct whose type is not
// exported cannot be set by reflection, so a decoder has to refuse it.
//
//claim:ask A decoder meets a nil pointer to a nested struct. What has it to do?
//claim:source https://pkg.go.dev/reflect#Value.FieldByIndex
//claim:source https://pkg.go.dev/reflect#Value.FieldByIndexErr
func TestConfigNilPointer(t *testing.T) {
	var config configServer
	v := reflect.ValueOf(&config).Elem()
	url, ok := v.Type().FieldByName("Cache")
	require.True(t, ok)
	path := append(url.Index, 0)
	assert.PanicsWithValue(t, "reflect: indirection through nil pointer to embedded struct", func() { v.FieldByIndex(path) })
	_, err := v.FieldByIndexErr(path)
	assert.EqualError(t, err, "reflect: indirection through nil pointer to embedded struct field configStore")

	configFieldAt(v, path).SetString("made")
	assert.Equal(t, "made", config.Cache.URL)

	var hidden struct{ *configCommon }
	assert.False(t, reflect.ValueOf(&hidden).Elem().Field(0).CanSet())
	assert.Panics(t, func() { configFieldAt(reflect.ValueOf(&hidden).Elem(), []int{0, 0}) })
}

// Ask for the interface before you look at the kind. time.Time is a struct,
// slog.Level is an int and netip.Addr is a struct, and each of them has its own
// text form; a switch on the kind would see numbers and unexported fields. The
// method UnmarshalText has a pointer receiver, so ask whether the pointer to
// the type implements the interface, and call it on the address. time.Duration
// has no such method: it needs a case of its own, before int64.
//
//claim:ask How does a decoder support types such as time.Time or netip.Addr?
//claim:source https://pkg.go.dev/encoding#TextUnmarshaler
//claim:source https://pkg.go.dev/reflect#Type
func TestConfigTextUnmarshaler(t *testing.T) {
	var config struct {
		When    time.Time     `config:"WHEN"`
		Level   *slog.Level   `config:"LEVEL"`
		Timeout time.Duration `config:"TIMEOUT"`
	}
	require.NoError(t, DecodeConfig(&config, func(name string) (string, bool) {
		return map[string]string{"WHEN": "2026-02-03T04:05:06Z", "LEVEL": "ERROR+1", "TIMEOUT": "1m"}[name], true
	}))
	assert.Equal(t, time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), config.When)
	assert.Equal(t, slog.LevelError+1, *config.Level)
	assert.Equal(t, time.Minute, config.Timeout)

	type unmarshaler interface{ UnmarshalText([]byte) error }
	text := reflect.TypeFor[unmarshaler]()
	assert.False(t, reflect.TypeFor[time.Time]().Implements(text), "only the pointer has the method")
	assert.True(t, reflect.PointerTo(reflect.TypeFor[time.Time]()).Implements(text))
	assert.False(t, reflect.PointerTo(reflect.TypeFor[time.Duration]()).Implements(text))
	assert.Equal(t, reflect.Int, reflect.TypeFor[slog.Level]().Kind())
}

// FuzzDecodeConfig checks that no text makes the decoder panic, and that a number that was
// accepted is written back as the same number.
func FuzzDecodeConfig(f *testing.F) {
	for _, seed := range []string{"", "1", "-1", "256", "1e9", "0x10", "true", "1s", "a,b", ",", "::1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var config struct {
			I     int8          `config:"I"`
			U     *uint16       `config:"U"`
			F     float32       `config:"F"`
			B     bool          `config:"B"`
			D     time.Duration `config:"D"`
			Addrs []netip.Addr  `config:"ADDRS"`
			Ints  []int         `config:"INTS"`
			S     string        `config:"S"`
		}
		err := DecodeConfig(&config, func(string) (string, bool) { return text, true })
		if config.S != text {
			t.Fatalf("got %q, want %q", config.S, text)
		}
		n, parseErr := strconv.ParseInt(text, 0, 8)
		if parseErr == nil && int64(config.I) != n {
			t.Fatalf("%q: got %d", text, config.I)
		}
		if parseErr != nil && err == nil {
			t.Fatalf("%q: accepted", text)
		}
	})
}
