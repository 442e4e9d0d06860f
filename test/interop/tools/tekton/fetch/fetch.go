// Package fetch takes objects out of bundles by the code of Tekton's bundles resolver, as a cluster would: as a stranger,
// and by plain http only what its address allows.
package fetch

import (
	"context"

	"github.com/google/go-containerregistry/pkg/authn"
	pipelinev1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	"github.com/tektoncd/pipeline/pkg/resolution/resolver/bundle"
	"github.com/tektoncd/pipeline/pkg/resolution/resolver/framework"
)

// A cluster tries again after seconds; a test has no reason to wait.
var settings = map[string]string{
	bundle.ConfigBackoffDuration: "1ms",
	bundle.ConfigBackoffSteps:    "1",
}

// Object is what the resolver gives for one object of a bundle.
func Object(ctx context.Context, reference, kind, name string) (*bundle.ResolvedResource, error) {
	ctx = framework.InjectResolverConfigToContext(ctx, settings)
	options, err := bundle.OptionsFromParams(ctx, []pipelinev1.Param{
		param(bundle.ParamBundle, reference),
		param(bundle.ParamKind, kind),
		param(bundle.ParamName, name),
		param(bundle.ParamServiceAccount, "default"),
	})
	if err != nil {
		return nil, err
	}
	return bundle.GetEntry(ctx, authn.NewMultiKeychain(), options)
}

func param(name, value string) pipelinev1.Param {
	return pipelinev1.Param{Name: name, Value: *pipelinev1.NewStructuredValues(value)}
}
