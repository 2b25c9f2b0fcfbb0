package concurrency

import "context"

// A context value is one pair in a linked list of contexts: WithValue puts a
// new node in front, Value walks towards the root until a key is equal. This is
// how a package offers such a value: an unexported key type, and two functions.

// ctxUser is what an authenticating layer learns about a request.
type ctxUser struct{ name string }

// ctxUserKey is a type of its own, so no other package can make an equal key.
type ctxUserKey struct{}

// withCtxUser returns a context that carries u.
func withCtxUser(ctx context.Context, u *ctxUser) context.Context {
	return context.WithValue(ctx, ctxUserKey{}, u)
}

// ctxUserFrom returns the user in ctx, if there is one.
func ctxUserFrom(ctx context.Context) (u *ctxUser, ok bool) {
	u, ok = ctx.Value(ctxUserKey{}).(*ctxUser)
	return u, ok
}

// ctxNumberKey is a key that carries a number, for as many keys as are needed.
type ctxNumberKey int

// ctxNested puts depth values in front of ctx, with the keys 0 to depth-1.
func ctxNested(ctx context.Context, depth int) context.Context {
	for i := range depth {
		ctx = context.WithValue(ctx, ctxNumberKey(i), i)
	}
	return ctx
}

// ctxTooMany reads from the context what should be a parameter: the signature
// does not say that it needs a limit.
func ctxTooMany(ctx context.Context, items []string) bool {
	limit, _ := ctx.Value(ctxLimitKey{}).(int)
	return len(items) > limit
}

type ctxLimitKey struct{}

// ctxRequest carries what would be several values as one.
type ctxRequest struct {
	traceID, tenant, locale string
}

type ctxRequestKey struct{}
