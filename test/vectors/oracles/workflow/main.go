// Command workflow answers by what a cluster knows a RemediationWorkflow: one document as JSON a line in, one answer a
// line out. The structs have the fields of the controller's in their order, so that Go's own encoder decides the bytes.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
)

type document struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   metadata `json:"metadata"`
	Spec       spec     `json:"spec"`
}

type metadata struct {
	Name string `json:"name"`
}

type spec struct {
	Version            string            `json:"version"`
	Description        description       `json:"description"`
	ActionType         string            `json:"actionType"`
	Labels             labels            `json:"labels"`
	CustomLabels       map[string]string `json:"customLabels,omitempty"`
	DetectedLabels     *json.RawMessage  `json:"detectedLabels,omitempty"`
	Execution          execution         `json:"execution"`
	Dependencies       *dependencies     `json:"dependencies,omitempty"`
	Maintainers        []maintainer      `json:"maintainers,omitempty"`
	Parameters         []parameter       `json:"parameters"`
	RollbackParameters []parameter       `json:"rollbackParameters,omitempty"`
}

type description struct {
	What          string `json:"what"`
	WhenToUse     string `json:"whenToUse"`
	WhenNotToUse  string `json:"whenNotToUse,omitempty"`
	Preconditions string `json:"preconditions,omitempty"`
}

type labels struct {
	Severity    []string `json:"severity"`
	Environment []string `json:"environment"`
	Component   []string `json:"component"`
	Priority    string   `json:"priority"`
	Cluster     []string `json:"cluster,omitempty"`
}

type execution struct {
	Engine             string           `json:"engine,omitempty"`
	Bundle             string           `json:"bundle,omitempty"`
	BundleDigest       string           `json:"bundleDigest,omitempty"`
	EngineConfig       *json.RawMessage `json:"engineConfig,omitempty"`
	ServiceAccountName string           `json:"serviceAccountName,omitempty"`
}

type dependencies struct {
	Secrets    []named `json:"secrets,omitempty"`
	ConfigMaps []named `json:"configMaps,omitempty"`
}

type named struct {
	Name string `json:"name"`
}

type maintainer struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

type parameter struct {
	Name        string           `json:"name"`
	Type        string           `json:"type"`
	Required    bool             `json:"required"`
	Description string           `json:"description"`
	Enum        []string         `json:"enum,omitempty"`
	Pattern     string           `json:"pattern,omitempty"`
	Minimum     *float64         `json:"minimum,omitempty"`
	Maximum     *float64         `json:"maximum,omitempty"`
	Default     *json.RawMessage `json:"default,omitempty"`
	DependsOn   []string         `json:"dependsOn,omitempty"`
}

type answer struct {
	Content       string `json:"content"`
	CanonicalHash string `json:"canonicalHash"`
	WorkflowID    string `json:"workflowId"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for in.Scan() {
		found, err := identify(in.Bytes())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := out.Encode(found); err != nil {
			os.Exit(1)
		}
	}
}

func identify(line []byte) (answer, error) {
	stored, err := asStored(line)
	if err != nil {
		return answer{}, err
	}
	var read document
	if err := json.Unmarshal(stored, &read); err != nil {
		return answer{}, err
	}
	content, err := json.Marshal(read)
	if err != nil {
		return answer{}, err
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	return answer{Content: string(content), CanonicalHash: hash, WorkflowID: uuid(hash)}, nil
}

// asStored gives the object as an API server hands it on: generic maps, so sorted keys, and numbers as int64 or float64.
func asStored(line []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var object any
	if err := decoder.Decode(&object); err != nil {
		return nil, err
	}
	return json.Marshal(numbers(object))
}

func numbers(value any) any {
	switch found := value.(type) {
	case map[string]any:
		for key, item := range found {
			found[key] = numbers(item)
		}
	case []any:
		for index, item := range found {
			found[index] = numbers(item)
		}
	case json.Number:
		if whole, err := found.Int64(); err == nil {
			return whole
		}
		fraction, _ := found.Float64()
		return fraction
	}
	return value
}

// uuid is version 5 of RFC 9562 in the catalog's namespace.
func uuid(name string) string {
	namespace, _ := hex.DecodeString("6ba7b8109dad51d080b700c04fd430c8")
	hash := sha1.New()
	hash.Write(namespace)
	hash.Write([]byte(name))
	sum := hash.Sum(nil)[:16]
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:])
}
