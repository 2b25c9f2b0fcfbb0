// Package compare puts the patterns of godeep beside the libraries that a user
// would pick instead, doing the same work through one driver.
package compare
