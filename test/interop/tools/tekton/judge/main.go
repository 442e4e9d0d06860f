// Command judge says of Tekton objects what the webhook of a cluster would say: it decodes each, sets its defaults,
// marshals it, as every client does that sends it on, and validates it. It reads one JSON document a line and writes one
// JSON answer a line, {"decode": "...", "unknown": [...], "errors": [...]}.
// Arguments are feature flags, e.g. enable-api-fields=alpha; those left out are as Tekton ships them. With decode-only it
// reads whole documents instead, each as a JSON string, and says nothing but why Go cannot decode them.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/tektoncd/pipeline/pkg/apis/config"
	"github.com/tektoncd/pipeline/pkg/client/clientset/versioned/scheme"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"knative.dev/pkg/apis"
)

type answer struct {
	// Decode is why the document is no Tekton object.
	Decode string `json:"decode,omitempty"`
	// Unknown are the fields that decoding drops.
	Unknown []string `json:"unknown"`
	Errors  []found  `json:"errors"`
}

type found struct {
	Message string   `json:"message"`
	Details string   `json:"details,omitempty"`
	Paths   []string `json:"paths"`
}

var strict = serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()

func main() {
	if len(os.Args) == 2 && os.Args[1] == "decode-only" {
		eachLine(func(line []byte) (said answer) {
			var document string
			if err := json.Unmarshal(line, &document); err != nil {
				panic(err)
			}
			if _, _, err := scheme.Codecs.UniversalDeserializer().Decode([]byte(document), nil, nil); err != nil {
				said.Decode = err.Error()
			}
			return said
		})
		return
	}
	ctx, err := withFlags(apis.WithinCreate(context.Background()), os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	eachLine(func(line []byte) answer { return judge(ctx, line) })
}

func eachLine(reply func([]byte) answer) {
	in := bufio.NewReader(os.Stdin)
	buffered := bufio.NewWriter(os.Stdout)
	defer buffered.Flush()
	out := json.NewEncoder(buffered)
	out.SetEscapeHTML(false)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			if err := out.Encode(reply(line)); err != nil {
				panic(err)
			}
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			panic(err)
		}
	}
}

func withFlags(ctx context.Context, arguments []string) (context.Context, error) {
	flags := map[string]string{}
	for _, argument := range arguments {
		name, value, ok := strings.Cut(argument, "=")
		if !ok {
			return nil, fmt.Errorf("judge: wanted flag=value, found %q", argument)
		}
		flags[name] = value
	}
	features, err := config.NewFeatureFlagsFromMap(flags)
	if err != nil {
		return nil, err
	}
	settings := config.FromContextOrDefaults(ctx)
	settings.FeatureFlags = features
	return config.ToContext(ctx, settings), nil
}

func judge(ctx context.Context, document []byte) (said answer) {
	said.Errors = []found{}
	said.Unknown = []string{}
	defer func() {
		if problem := recover(); problem != nil {
			said.Errors = append(said.Errors, found{Message: fmt.Sprintf("panic: %v", problem), Paths: []string{}})
		}
	}()
	object, _, err := scheme.Codecs.UniversalDeserializer().Decode(document, nil, nil)
	if err != nil {
		said.Decode = err.Error()
		return said
	}
	if _, _, err := strict.Decode(document, nil, nil); err != nil {
		problems, ok := runtime.AsStrictDecodingError(err)
		if !ok {
			panic(err)
		}
		for _, problem := range problems.Errors() {
			said.Unknown = append(said.Unknown, problem.Error())
		}
	}
	if defaultable, ok := object.(apis.Defaultable); ok {
		defaultable.SetDefaults(ctx)
	}
	if _, err := json.Marshal(object); err != nil {
		said.Errors = append(said.Errors, found{Message: "cannot be marshalled: " + err.Error(), Paths: []string{}})
	}
	if validatable, ok := object.(apis.Validatable); ok {
		collect(validatable.Validate(ctx).Filter(apis.ErrorLevel), &said.Errors)
	}
	return said
}

func collect(problem *apis.FieldError, into *[]found) {
	if problem == nil {
		return
	}
	for _, one := range problem.WrappedErrors() {
		*into = append(*into, found{Message: one.Message, Details: one.Details, Paths: one.Paths})
	}
}
