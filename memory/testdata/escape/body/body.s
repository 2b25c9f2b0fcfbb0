// The presence of this file lets body.go declare functions without bodies.
