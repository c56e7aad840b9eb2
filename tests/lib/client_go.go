// What Go's net/http gets of a service; prints it. usage: go run client_go.go URL
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
)

func show(r *http.Response, err error) string {
	if err != nil {
		return err.Error()
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return fmt.Sprint(r.StatusCode, " ", r.Header.Get("Content-Type"), " ",
		len(b), " ", string(b[:min(len(b), 200)]), " ", err)
}

func main() {
	url := os.Args[1]
	for _, p := range []string{"/", "/gzip", "/nothing", "/same", "/move",
		"/close", "/error", "/stream", "/after"} {
		fmt.Println(p, show(http.Get(url+p)))
		fmt.Println(p, show(http.Head(url+p)))
	}
	body := bytes.Repeat([]byte("body"), 50000)
	fmt.Println(show(http.Post(url+"/e", "a/b", bytes.NewReader(body))))
	fmt.Println(show(http.Post(url+"/e", "a/b",
		io.MultiReader(strings.NewReader("a"), strings.NewReader("bc")))))
	q, _ := http.NewRequest("POST", url+"/e", bytes.NewReader(body))
	q.Header.Set("Expect", "100-continue")
	fmt.Println(show(http.DefaultClient.Do(q)))
	var wg sync.WaitGroup
	out := make([]string, 50)
	for i := range out {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			out[i] = show(http.Get(fmt.Sprint(url, "/", i)))
		}(i)
	}
	wg.Wait()
	fmt.Println(out)
}
