// Command resolver fetches objects of bundles by the code of Tekton's bundles resolver, as a cluster would. It reads one
// request a line, {"bundle": "...", "kind": "...", "name": "..."}, and writes one answer a line, {"data": base64,
// "annotations": {...}, "digest": "..."} or {"error": "..."}. It asks as a stranger, once, and only what is reached by
// plain http because of its address.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"

	"tekton-bundles.test/interop/tekton/fetch"
)

type request struct {
	Bundle string `json:"bundle"`
	Kind   string `json:"kind"`
	Name   string `json:"name"`
}

type answer struct {
	Data        []byte            `json:"data,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Digest      string            `json:"digest,omitempty"`
	Error       string            `json:"error,omitempty"`
}

func main() {
	ctx := context.Background()
	in := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var wanted request
		if err := json.Unmarshal(in.Bytes(), &wanted); err != nil {
			panic(err)
		}
		if err := out.Encode(resolve(ctx, wanted)); err != nil {
			panic(err)
		}
	}
	if err := in.Err(); err != nil {
		panic(err)
	}
}

func resolve(ctx context.Context, wanted request) answer {
	found, err := fetch.Object(ctx, wanted.Bundle, wanted.Kind, wanted.Name)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Data: found.Data(), Annotations: found.Annotations(), Digest: "sha256:" + found.RefSource().Digest["sha256"]}
}
