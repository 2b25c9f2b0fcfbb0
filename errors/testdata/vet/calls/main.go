// Command calls has the mistakes with errors that go vet finds. It compiles.
package main

import (
	"errors"
	"fmt"
	"io/fs"
)

type loud struct{ code int }

func (e loud) Error() string { return fmt.Sprintf("code %v", e) } // calls itself

func main() {
	err := fmt.Errorf("read: %w", fs.ErrNotExist)

	pathError := new(fs.PathError)
	var anyError error
	if errors.As(err, pathError) || errors.As(err, &anyError) {
		return
	}
	err = fmt.Errorf("name %w", "text")
	err = errors.Join(err, fmt.Errorf("two operands: %w %w", err))
	fmt.Println(fmt.Sprintf("not for Sprintf: %w", err))
	var e error = loud{1}
	fmt.Println(e)
}
