package suite

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestBundleIsServed(t *testing.T) {
	workflow := ready.Workflows["say-hello"]
	host, rest, _ := strings.Cut(workflow.Reference, "/")
	repository, _, _ := strings.Cut(rest, ":")
	manifest := get(t, "http://"+host+"/v2/"+repository+"/manifests/"+workflow.Digest)
	if digest := fmt.Sprintf("sha256:%x", sha256.Sum256(manifest)); digest != workflow.Digest {
		t.Errorf("the registry served %s, wanted %s", digest, workflow.Digest)
	}
}

func TestWorkflowIsRegistered(t *testing.T) {
	workflow := ready.Workflows["say-hello"]
	entry := get(t, ready.Variables["DATASTORAGE_URL"]+"/api/v1/workflows/"+workflow.WorkflowID)
	if !strings.Contains(string(entry), workflow.Digest) {
		t.Errorf("the catalog has no workflow with %s: %s", workflow.Digest, entry)
	}
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/vnd.docker.distribution.manifest.v2+json, application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s answered %s: %v", url, answer.Status, err)
	}
	return body
}
