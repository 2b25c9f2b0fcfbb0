package reflection

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// DecodeConfig fills the struct that dst points to with settings, which lookup
// finds by their names; os.LookupEnv is such a function. Tags name the
// settings:
//
//	type Config struct {
//		Addr    string        `config:"ADDR" default:":8080"`
//		Token   string        `config:"TOKEN,required"`
//		Timeout time.Duration `config:"TIMEOUT" default:"5s"`
//		Peers   []string      `config:"PEERS"`
//		DB      struct {
//			URL string `config:"URL,required"`
//		} `config:"DB"`
//	}
//
// A field can be a string, bool, number, [time.Duration], a type whose pointer
// is an [encoding.TextUnmarshaler], a slice of these, written with commas
// between the elements, or a pointer to one of these. A field of another struct
// type has settings of its own, whose names get the name of the field and an
// underscore in front: DB_URL. An embedded struct without a tag adds nothing in
// front. Other fields without a tag are left alone.
//
// A setting that lookup does not find takes the default; without a default the
// field keeps the value it has, so that dst may be filled before. A pointer to
// a struct is set in any case. Required settings must be found and not be
// empty.
//
// The error joins one *ConfigError for each setting that is missing or
// malformed; the other fields are set all the same. No error contains a value,
// because it may be a password. A tag that cannot be used gives a [*TagError]
// and sets nothing. DecodeConfig is safe for concurrent use with different dst,
// if lookup is.
func DecodeConfig(dst any, lookup func(name string) (value string, ok bool)) error {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("config: want a pointer to a struct, not %T", dst)
	}
	settings, err := configPlans.Get(v.Type().Elem())
	if err != nil {
		return err
	}
	var errs []error
	for i := range settings {
		setting := &settings[i]
		field := configFieldAt(v.Elem(), setting.index)
		text, ok := lookup(setting.name)
		switch {
		case setting.required && text == "":
			errs = append(errs, &ConfigError{setting.name, errConfigRequired})
			continue
		case !ok && !setting.hasDefault:
			continue
		case !ok:
			text = setting.standard
		}
		if err := setting.parse(field, text); err != nil {
			errs = append(errs, &ConfigError{setting.name, err})
		}
	}
	return errors.Join(errs...)
}

// ConfigError tells which setting is missing or malformed.
type ConfigError struct {
	Name string // such as DB_URL
	Err  error  // without the value
}

// Error returns the name of the variable and the reason, and never the value.
func (e *ConfigError) Error() string { return e.Name + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *ConfigError) Unwrap() error { return e.Err }

var errConfigRequired = errors.New("is required")

// A configSetting is a field, also of a struct inside of the struct.
type configSetting struct {
	index      []int
	name       string
	required   bool
	standard   string
	hasDefault bool
	parse      configParser
}

// A configParser sets a field to what the text says. Its errors do not contain the text.
type configParser func(field reflect.Value, text string) error

var configPlans = NewTypeCache(func(t reflect.Type) ([]configSetting, error) {
	var b configBuild
	b.fields(t, "", nil, nil)
	return b.settings, errors.Join(b.errs...)
})

type configBuild struct {
	settings []configSetting
	errs     []error
}

// fields adds the settings of struct type t, which is found by index and has
// the types of outer around it.
func (b *configBuild) fields(t reflect.Type, prefix string, index []int, outer []reflect.Type) {
	outer = append(outer, t)
	for field := range t.Fields() {
		tag, tagged := field.Tag.Lookup("config")
		name, options := cutTagOptions(tag)
		fail := func(rule, reason string) { b.errs = append(b.errs, &TagError{t, field.Name, rule, reason}) }
		if !tagged && !field.Anonymous || tag == "-" {
			continue
		}
		parse := configParserFor(field.Type)
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		nested := parse == nil && inner.Kind() == reflect.Struct
		switch {
		case !tagged && !nested: // embedded, and no struct
			continue
		case tagged && name == "":
			fail(tag, "a name is missing")
			continue
		case !field.IsExported() && !(nested && field.Anonymous && inner == field.Type):
			fail(tag, "the field is not exported")
			continue
		case parse == nil && !nested:
			fail(tag, "no settings for type "+field.Type.String())
			continue
		}
		at := append(index[:len(index):len(index)], field.Index...)
		if nested {
			for _, other := range outer {
				if other == inner {
					fail(tag, "the struct contains itself")
					return
				}
			}
			if len(options) > 0 {
				fail(tag, "a struct has no options")
			}
			if tagged {
				name += "_"
			}
			b.fields(inner, prefix+name, at, outer)
			continue
		}
		setting := configSetting{index: at, name: prefix + name, parse: parse}
		for _, option := range options {
			if option != "required" {
				fail(option, "unknown option")
			}
			setting.required = true
		}
		setting.standard, setting.hasDefault = field.Tag.Lookup("default")
		if setting.hasDefault {
			if setting.required {
				fail(tag, "a required setting has no default")
			}
			if err := parse(reflect.New(field.Type).Elem(), setting.standard); err != nil {
				fail(setting.standard, "the default "+err.Error())
			}
		}
		for _, other := range b.settings {
			if other.name == setting.name {
				fail(tag, "another field has this setting")
			}
		}
		b.settings = append(b.settings, setting)
	}
}

// configFieldAt is like FieldByIndex, and makes what nil pointers on the way
// should point to.
func configFieldAt(v reflect.Value, index []int) reflect.Value {
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}

// configParserFor returns nil for a type that has no parser.
func configParserFor(t reflect.Type) configParser {
	if parse := configScalar(t); parse != nil {
		return parse
	}
	switch t.Kind() {
	case reflect.Pointer:
		parse := configScalar(t.Elem())
		if parse == nil {
			return nil
		}
		return func(field reflect.Value, text string) error {
			target := reflect.New(t.Elem())
			if err := parse(target.Elem(), text); err != nil {
				return err
			}
			field.Set(target)
			return nil
		}
	case reflect.Slice:
		parse := configScalar(t.Elem())
		if parse == nil {
			return nil
		}
		return func(field reflect.Value, text string) error {
			var words []string
			if text != "" {
				words = strings.Split(text, ",")
			}
			list := reflect.MakeSlice(t, len(words), len(words))
			for i, word := range words {
				if err := parse(list.Index(i), strings.TrimSpace(word)); err != nil {
					return fmt.Errorf("element %d %w", i, err)
				}
			}
			field.Set(list)
			return nil
		}
	}
	return nil
}

func configScalar(t reflect.Type) configParser {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return func(field reflect.Value, text string) error {
			// On a copy, because a method that fails may have written something.
			target := reflect.New(t)
			target.Elem().Set(field)
			u, _ := reflect.TypeAssert[encoding.TextUnmarshaler](target)
			if u.UnmarshalText([]byte(text)) != nil { // its error may show the text
				return errors.New("is not a " + t.String())
			}
			field.Set(target.Elem())
			return nil
		}
	}
	number := func(err error) error {
		switch {
		case errors.Is(err, strconv.ErrRange):
			return fmt.Errorf("is no %s: %w", t, strconv.ErrRange)
		case err != nil:
			return fmt.Errorf("is no %s: %w", t, strconv.ErrSyntax)
		}
		return nil
	}
	zero := reflect.Zero(t)
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return func(field reflect.Value, text string) error {
			d, err := time.ParseDuration(text)
			if err == nil {
				field.SetInt(int64(d))
			}
			return number(err)
		}
	case t.Kind() == reflect.String:
		return func(field reflect.Value, text string) error { field.SetString(text); return nil }
	case t.Kind() == reflect.Bool:
		return func(field reflect.Value, text string) error {
			is, err := strconv.ParseBool(text)
			if err == nil {
				field.SetBool(is)
			}
			return number(err)
		}
	case zero.CanInt():
		return func(field reflect.Value, text string) error {
			i, err := strconv.ParseInt(text, 0, t.Bits())
			if err == nil {
				field.SetInt(i)
			}
			return number(err)
		}
	case zero.CanUint():
		return func(field reflect.Value, text string) error {
			u, err := strconv.ParseUint(text, 0, t.Bits())
			if err == nil {
				field.SetUint(u)
			}
			return number(err)
		}
	case zero.CanFloat():
		return func(field reflect.Value, text string) error {
			f, err := strconv.ParseFloat(text, t.Bits())
			if err == nil {
				field.SetFloat(f)
			}
			return number(err)
		}
	}
	return nil
}
