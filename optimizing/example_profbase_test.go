package optimizing_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
)

// The public mux knows nothing of the profiles; another one has them, for an
// address that only operators reach.
func Example_profOwnMux() {
	public := http.NewServeMux()
	operators := http.NewServeMux()
	operators.HandleFunc("/debug/pprof/", pprof.Index) // and all named profiles
	operators.HandleFunc("/debug/pprof/profile", pprof.Profile)
	operators.HandleFunc("/debug/pprof/trace", pprof.Trace)

	for _, mux := range []*http.ServeMux{public, operators} {
		reply := httptest.NewRecorder()
		mux.ServeHTTP(reply, httptest.NewRequest("GET", "/debug/pprof/goroutine?debug=1", nil))
		fmt.Println(reply.Code)
	}
	// Output:
	// 404
	// 200
}
