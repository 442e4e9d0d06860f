// Command tkn is tkn's own `bundle` command tree behind a root of its own.
// The full program also links signing, hub and chains code that no test needs and that triples a cold build.
package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/tektoncd/cli/pkg/cli"
	"github.com/tektoncd/cli/pkg/cmd/bundle"
)

func main() {
	root := &cobra.Command{Use: "tkn", SilenceUsage: true}
	root.AddCommand(bundle.Command(&cli.TektonParams{}))
	if err := root.Execute(); err != nil {
		os.Exit(1)
	}
}
