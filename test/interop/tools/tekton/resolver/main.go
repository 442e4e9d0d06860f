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

	"github.com/google/go-containerregistry/pkg/authn"
	pipelinev1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	"github.com/tektoncd/pipeline/pkg/resolution/resolver/bundle"
	"github.com/tektoncd/pipeline/pkg/resolution/resolver/framework"
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

// A cluster tries again after seconds; a test has no reason to wait.
var settings = map[string]string{
	bundle.ConfigBackoffDuration: "1ms",
	bundle.ConfigBackoffSteps:    "1",
}

func main() {
	ctx := framework.InjectResolverConfigToContext(context.Background(), settings)
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
	options, err := bundle.OptionsFromParams(ctx, []pipelinev1.Param{
		param(bundle.ParamBundle, wanted.Bundle),
		param(bundle.ParamKind, wanted.Kind),
		param(bundle.ParamName, wanted.Name),
		param(bundle.ParamServiceAccount, "default"),
	})
	if err != nil {
		return answer{Error: err.Error()}
	}
	found, err := bundle.GetEntry(ctx, authn.NewMultiKeychain(), options)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Data: found.Data(), Annotations: found.Annotations(), Digest: "sha256:" + found.RefSource().Digest["sha256"]}
}

func param(name, value string) pipelinev1.Param {
	return pipelinev1.Param{Name: name, Value: *pipelinev1.NewStructuredValues(value)}
}
