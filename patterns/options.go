package patterns

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// A Fetcher gets documents below one base URL. It is safe for concurrent use.
type Fetcher struct {
	base   *url.URL
	config fetcherConfig
}

// fetcherConfig is what options can change. It is not exported, so only the
// options of this file can, and each of them checks what it sets.
type fetcherConfig struct {
	client  *http.Client
	timeout time.Duration
	limit   int64
	header  http.Header
}

// A FetcherOption changes a default of [NewFetcher]. It may be used for several
// Fetchers, also concurrently.
type FetcherOption func(*fetcherConfig) error

// NewFetcher returns a Fetcher for documents below base, an absolute URL with
// the scheme http or https. It shows functional options: what a caller must
// decide is a parameter, everything else has a default and an option that
// changes it. So a call says what is special about it and nothing else, and
// options can be added later without touching the calls that exist.
//
// The defaults are a timeout of 30 seconds, a limit of 1 MiB, no header and
// [http.DefaultClient].
//
// # Guarantees
//
//   - Options are applied in their order. If two set the same thing, the last
//     one wins.
//   - If one is invalid, there is no Fetcher. The error joins the mistakes of
//     all parameters and options.
//   - The zero value of an argument means itself: WithFetchTimeout(0) is no
//     timeout, and not the default.
//   - A nil option is skipped, so that an option can be chosen by a condition.
//   - A Fetcher cannot be changed after its creation, not by its options either.
//
// # Cost
//
// Once for each Fetcher: linear in the number of options. An option written in
// the call needs no allocation if its function is inlined, and one otherwise.
// A header needs some for its map. Calls of Get cost nothing more.
//
// # When not to use it
//
// If settings are read from a file or flags, are printed or compared, or most
// callers set most of them: use a struct, as http.Server and tls.Config do. If
// there are two settings: use parameters. If objects are created in a hot loop.
func NewFetcher(base string, options ...FetcherOption) (*Fetcher, error) {
	parsed, err := url.Parse(base)
	if err == nil && (parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https") {
		err = fmt.Errorf("base URL %q is not an absolute http or https one", base)
	}
	f := &Fetcher{base: parsed, config: fetcherConfig{
		client:  http.DefaultClient,
		timeout: 30 * time.Second,
		limit:   1 << 20,
	}}
	if err := errors.Join(err, f.config.apply(options)); err != nil {
		return nil, err
	}
	return f, nil
}

func (c *fetcherConfig) apply(options []FetcherOption) error {
	var errs []error
	for _, option := range options {
		if option != nil {
			if err := option(c); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// WithFetchTimeout bounds each call of Get, including the body. Zero means no
// bound but that of the caller's context.
func WithFetchTimeout(timeout time.Duration) FetcherOption {
	return func(c *fetcherConfig) error {
		if timeout < 0 {
			return fmt.Errorf("fetch timeout %v is negative", timeout)
		}
		c.timeout = timeout
		return nil
	}
}

// WithFetchLimit sets how many bytes a document may have, at least 0.
func WithFetchLimit(bytes int64) FetcherOption {
	return func(c *fetcherConfig) error {
		if bytes < 0 {
			return fmt.Errorf("fetch limit %d is negative", bytes)
		}
		c.limit = bytes
		return nil
	}
}

// WithFetchHeader sets a field of the header of each request. Fields with other
// keys stay as they are.
func WithFetchHeader(key, value string) FetcherOption {
	return func(c *fetcherConfig) error {
		if key == "" {
			return errors.New("fetch header has no key")
		}
		if c.header == nil {
			c.header = make(http.Header) // belongs to this Fetcher alone
		}
		c.header.Set(key, value)
		return nil
	}
}

// WithFetchClient sets the client that sends the requests.
func WithFetchClient(client *http.Client) FetcherOption {
	return func(c *fetcherConfig) error {
		if client == nil {
			return errors.New("fetch client is nil")
		}
		c.client = client
		return nil
	}
}

// WithFetchOptions is all of the options as one, to give a name to a bundle.
func WithFetchOptions(options ...FetcherOption) FetcherOption {
	return func(c *fetcherConfig) error { return c.apply(options) }
}

// Get returns the document at path, which is joined to the base URL as by
// [url.URL.JoinPath]: a path with ".." may lead out of it. A status other than
// 200 is an error, and so is a document larger than the limit, which then is a
// [*http.MaxBytesError].
func (f *Fetcher) Get(ctx context.Context, path string) ([]byte, error) {
	if f.config.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.config.timeout)
		defer cancel()
	}
	target := f.base.JoinPath(path).String()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	for key, values := range f.config.header {
		request.Header[key] = append([]string(nil), values...)
	}
	response, err := f.config.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("get %s: status %s", target, response.Status)
	}
	body := http.MaxBytesReader(nil, response.Body, f.config.limit)
	document, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", target, err)
	}
	return document, nil
}
