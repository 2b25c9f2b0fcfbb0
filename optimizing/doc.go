// Package optimizing shows how to make Go code faster, one measured step at a
// time, as claims that are executed.
package optimizing
