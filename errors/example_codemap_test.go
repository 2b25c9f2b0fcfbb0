package errors_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http/httptest"

	deep "github.com/go-deep-dive/godeep/errors"
)

func loadUser(id int) error {
	return &deep.Failure{
		Op:     fmt.Sprintf("load user %d", id),
		Code:   deep.NotFound,
		Public: "There is no such user.",
		Err:    fs.ErrNotExist,
	}
}

func ExampleFailure() {
	err := fmt.Errorf("handler: %w", loadUser(7))
	fmt.Println(err)
	fmt.Println(errors.Is(err, deep.NotFound), errors.Is(err, fs.ErrNotExist))
	// Output:
	// handler: load user 7: not found: file does not exist
	// true true
}

func ExampleFailure_Error() {
	err := &deep.Failure{Op: "save order 3", Code: deep.Unavailable, Public: "not in the text"}
	fmt.Println(err.Error())
	// Output: save order 3: unavailable
}

func ExampleFailure_Unwrap() {
	err := &deep.Failure{Code: deep.Internal, Err: fs.ErrInvalid}
	fmt.Println(err.Unwrap())
	// Output: [internal error invalid argument]
}

func ExampleCode() {
	err := fmt.Errorf("save: %w", deep.AlreadyExists)
	fmt.Println(errors.Is(err, deep.AlreadyExists), errors.Is(err, deep.NotFound))
	// Output: true false
}

func ExampleCode_Error() {
	fmt.Println(deep.PermissionDenied.Error())
	// Output: permission denied
}

func ExampleCode_HTTPStatus() {
	fmt.Println(deep.NotFound.HTTPStatus(), deep.CodeOf(nil).HTTPStatus())
	// Output: 404 200
}

func ExampleCode_Temporary() {
	fmt.Println(deep.Unavailable.Temporary(), deep.InvalidArgument.Temporary())
	// Output: true false
}

func ExampleCodeOf() {
	fmt.Println(deep.CodeOf(fmt.Errorf("open a.txt: %w", fs.ErrNotExist)))
	fmt.Println(deep.CodeOf(errors.New("something else")))
	// Output:
	// not found
	// unknown error
}

func ExamplePublicText() {
	err := fmt.Errorf("GET /users/7: %w", loadUser(7))
	fmt.Println("log: ", err)
	fmt.Println("user:", deep.PublicText(err))
	// Output:
	// log:  GET /users/7: load user 7: not found: file does not exist
	// user: There is no such user.
}

func ExampleWriteProblem() {
	w := httptest.NewRecorder()
	deep.WriteProblem(w, fmt.Errorf("GET /users/7: %w", loadUser(7)))
	fmt.Println(w.Code)
	fmt.Print(w.Body)
	// Output:
	// 404
	// {"title":"Not Found","status":404,"detail":"There is no such user.","code":5}
}
