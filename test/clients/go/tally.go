package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
)

// Tally runs steps, says which of them failed and why, counts, and appends each outcome to the file that
// MILLRACE_RESULTS names.
type Tally struct {
	client, version, protocol string
	passed, failed            int
}

// newTally: protocol is what the server was seen to answer in.
func newTally(client, version, protocol string) *Tally {
	fmt.Printf("%s %s, over %s\n", client, version, protocol)
	return &Tally{client: client, version: version, protocol: protocol}
}

type outcome struct {
	Client    string `json:"client"`
	Version   string `json:"version"`
	Protocol  string `json:"protocol"`
	Mode      string `json:"mode"`
	Behaviour string `json:"behaviour"`
	Passed    bool   `json:"passed"`
}

// wrong is what a step panics with when it finds something other than it expects.
type wrong string

// Step runs a step; what it panics with is its failure.
func (tally *Tally) Step(name string, run func()) {
	failure := failureOf(run)
	if failure == "" {
		tally.passed++
	} else {
		tally.failed++
		fmt.Printf("  failed: %s\n    %s\n", name, failure)
	}
	tally.record(name, failure == "")
}

func failureOf(run func()) (failure string) {
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case wrong:
			failure = string(cause)
		default:
			failure = fmt.Sprint(cause)
		}
	}()
	run()
	return ""
}

func (tally *Tally) record(name string, passed bool) {
	path := os.Getenv("MILLRACE_RESULTS")
	if path == "" {
		return
	}
	file := must(os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644))
	defer file.Close()
	line := must(json.Marshal(outcome{tally.client, tally.version, tally.protocol, os.Getenv("MILLRACE_MODE"), name, passed}))
	must(file.Write(append(line, '\n')))
}

// Conclude prints the last line and returns the exit code, which says the same.
func (tally *Tally) Conclude() int {
	fmt.Printf("%d passed, %d failed\n", tally.passed, tally.failed)
	if tally.failed > 0 || tally.passed == 0 {
		return 1
	}
	return 0
}

func same(actual, expected any) {
	if !reflect.DeepEqual(actual, expected) {
		panic(wrong(fmt.Sprintf("%#v is not %#v", actual, expected)))
	}
}

func holds(condition bool, sentence string) {
	if !condition {
		panic(wrong("it does not hold that " + sentence))
	}
}

// must returns the value of a call that is expected to succeed.
func must[Value any](value Value, err error) Value {
	if err != nil {
		panic(wrong(err.Error()))
	}
	return value
}
