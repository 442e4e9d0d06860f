package suite

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// Workflow is what a test needs to know of one workflow.
type Workflow struct{ Reference, ClusterReference, Pinned, Digest, WorkflowID, Schema, Run string }

// What is ready while the tests run: workflows by their id, and the variables that name registry and catalog.
var ready struct {
	Workflows map[string]Workflow
	Variables map[string]string
}

// TestMain keeps registry, catalog and workflows ready for all tests of the package.
func TestMain(m *testing.M) {
	code, err := withBundles(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withBundles(run func() int) (int, error) {
	up := exec.Command("npx", "tekton-bundles", "up", "--config", "../bundles.yaml", "--output", "json")
	up.Stderr = os.Stderr
	// Of its own process group, so that Ctrl-C reaches the tests first.
	up.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := up.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := up.Start(); err != nil {
		return 0, err
	}
	defer up.Wait()
	defer syscall.Kill(-up.Process.Pid, syscall.SIGTERM)
	if err := json.NewDecoder(stdout).Decode(&ready); err != nil {
		return 0, fmt.Errorf("bundles up: %w", err)
	}
	return run(), nil
}
