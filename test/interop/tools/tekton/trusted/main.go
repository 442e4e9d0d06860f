// Command trusted says of signed Tekton objects what the controller of a cluster with Trusted Resources would say: it
// decodes each as the resolver does, sets its defaults and gives it to VerifyResource.
// Use: trusted POLICIES SOURCE, where POLICIES is a file with a JSON list of VerificationPolicies and SOURCE is where the
// object was resolved from. It reads one JSON object a line, as a JSON string, and writes one JSON answer a line,
// {"decode": "...", "result": "pass", "error": "...", "signed": "..."}; signed is what Tekton hashes.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"

	v1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	"github.com/tektoncd/pipeline/pkg/apis/pipeline/v1alpha1"
	"github.com/tektoncd/pipeline/pkg/client/clientset/versioned/scheme"
	"github.com/tektoncd/pipeline/pkg/trustedresources"
	"go.uber.org/zap"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"knative.dev/pkg/apis"
	"knative.dev/pkg/logging"
)

type answer struct {
	// Decode is why the document is no Tekton object.
	Decode   string `json:"decode,omitempty"`
	Result   string `json:"result,omitempty"`
	Error    string `json:"error,omitempty"`
	Checksum string `json:"checksum,omitempty"`
}

var results = map[trustedresources.VerificationResultType]string{
	trustedresources.VerificationSkip:  "skip",
	trustedresources.VerificationPass:  "pass",
	trustedresources.VerificationWarn:  "warn",
	trustedresources.VerificationError: "error",
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "use: trusted POLICIES SOURCE")
		os.Exit(2)
	}
	policies, err := readPolicies(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	ctx := logging.WithLogger(context.Background(), zap.NewNop().Sugar())
	source := &v1.RefSource{URI: os.Args[2]}
	in := bufio.NewReader(os.Stdin)
	buffered := bufio.NewWriter(os.Stdout)
	defer buffered.Flush()
	out := json.NewEncoder(buffered)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var document string
			if err := json.Unmarshal(line, &document); err != nil {
				panic(err)
			}
			if err := out.Encode(verify(ctx, []byte(document), source, policies)); err != nil {
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

func readPolicies(path string) ([]*v1alpha1.VerificationPolicy, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var policies []*v1alpha1.VerificationPolicy
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&policies); err != nil {
		return nil, err
	}
	for _, policy := range policies {
		if err := policy.Validate(context.Background()); err != nil {
			return nil, err
		}
	}
	return policies, nil
}

// verify does what readRuntimeObjectAsTask and readRuntimeObjectAsPipeline do up to the verification.
func verify(ctx context.Context, document []byte, source *v1.RefSource, policies []*v1alpha1.VerificationPolicy) (said answer) {
	decoded, _, err := scheme.Codecs.UniversalDeserializer().Decode(document, nil, nil)
	if err != nil {
		said.Decode = err.Error()
		return said
	}
	object, ok := decoded.(interface {
		metav1.Object
		apis.Defaultable
		trustedresources.Hashable
	})
	if !ok {
		said.Decode = fmt.Sprintf("%T is not verified", decoded)
		return said
	}
	object.SetDefaults(ctx)
	object.SetOwnerReferences(nil)
	if checksum, err := object.Checksum(); err == nil {
		said.Checksum = hex.EncodeToString(checksum)
	}
	verified := trustedresources.VerifyResource(ctx, object, nil, source, policies)
	said.Result = results[verified.VerificationResultType]
	if verified.Err != nil {
		said.Error = verified.Err.Error()
	}
	return said
}
