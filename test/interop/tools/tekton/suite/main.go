// Command suite is a test suite in Go that uses nothing but the variables of `bundles with`: it resolves every workflow's
// Pipeline by the code of Tekton's bundles resolver and finds the workflow by a search in the catalog. It prints what it
// found, {"NAME": {"digest": "...", "pipeline": "...", "workflowId": "..."}}, and fails where something is missing.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"tekton-bundles.test/interop/tekton/fetch"
)

type workflow struct {
	Reference, Digest, WorkflowID string
}

type found struct {
	Digest     string `json:"digest"`
	Pipeline   string `json:"pipeline"`
	WorkflowID string `json:"workflowId"`
}

func main() {
	text, err := os.ReadFile(os.Getenv("BUNDLES_RESULT"))
	check(err)
	workflows := map[string]workflow{}
	check(json.Unmarshal(text, &workflows))
	all := map[string]found{}
	for name, one := range workflows {
		object, err := fetch.Object(context.Background(), one.Reference, "pipeline", "workflow")
		check(err)
		pipeline := struct{ Kind string }{}
		check(json.Unmarshal(object.Data(), &pipeline))
		all[name] = found{"sha256:" + object.RefSource().Digest["sha256"], pipeline.Kind, search(one.WorkflowID)}
	}
	check(json.NewEncoder(os.Stdout).Encode(all))
}

// search looks for the workflow by the labels that every workflow of the suite has.
func search(id string) string {
	body := []byte(`{"top_k": 100, "filters": {"signal_type": "test", "severity": "low", "component": "deployment", "environment": "test", "priority": "P3"}}`)
	answer, err := http.Post(os.Getenv("DATASTORAGE_URL")+"/api/v1/workflows/search", "application/json", bytes.NewReader(body))
	check(err)
	defer answer.Body.Close()
	result := struct {
		Workflows []struct {
			WorkflowID string `json:"workflow_id"`
		}
	}{}
	check(json.NewDecoder(answer.Body).Decode(&result))
	for _, one := range result.Workflows {
		if one.WorkflowID == id {
			return id
		}
	}
	check(fmt.Errorf("the search finds no workflow %s", id))
	return ""
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
