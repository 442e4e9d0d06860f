// Command oracle answers what tkn's own packages do with an input: one JSON request a line in, one JSON answer a line out.
// Whole bundles go through tkn's builder; YAML, tar and gzip through the packages that it uses.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/tektoncd/cli/pkg/bundle"
	"sigs.k8s.io/yaml"
)

type request struct {
	Op          string            `json:"op"`
	Bytes       []byte            `json:"bytes"`
	Name        []byte            `json:"name"`
	Inputs      [][]byte          `json:"inputs"`
	Annotations map[string]string `json:"annotations"`
	Labels      map[string]string `json:"labels"`
	Created     time.Time         `json:"created"`
}

type object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	JSON       []byte `json:"json"`
	DiffID     string `json:"diffId"`
	Digest     string `json:"digest"`
}

type answer struct {
	Error    string   `json:"error,omitempty"`
	Bytes    []byte   `json:"bytes,omitempty"`
	SHA256   string   `json:"sha256,omitempty"`
	Size     int      `json:"size,omitempty"`
	Objects  []object `json:"objects,omitempty"`
	Manifest []byte   `json:"manifest,omitempty"`
	Config   []byte   `json:"config,omitempty"`
}

func main() {
	in := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var r request
			if bad := json.Unmarshal(line, &r); bad != nil {
				fmt.Fprintln(os.Stderr, bad)
				os.Exit(1)
			}
			if bad := out.Encode(reply(r)); bad != nil {
				os.Exit(1)
			}
		}
		if err != nil {
			return
		}
	}
}

func reply(r request) answer {
	switch r.Op {
	case "yaml":
		return withBytes(yaml.YAMLToJSON(r.Bytes))
	case "tar":
		return withBytes(tarOf(string(r.Name), r.Bytes))
	case "gzip":
		return withBytes(gzipOf(r.Bytes))
	case "created":
		return withBytes(created(string(r.Bytes)))
	case "build":
		a, err := build(r)
		if err != nil {
			return answer{Error: err.Error()}
		}
		return a
	}
	return answer{Error: "unknown op " + r.Op}
}

func withBytes(b []byte, err error) answer {
	if err != nil {
		return answer{Error: err.Error()}
	}
	sum := sha256.Sum256(b)
	return answer{Bytes: b, SHA256: hex.EncodeToString(sum[:]), Size: len(b)}
}

func tarOf(name string, data []byte) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0600, Size: int64(len(data)), Typeflag: tar.TypeReg}); err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

func gzipOf(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// created reads a time by the three layouts of tkn's --ctime, in its order, and writes it as the image config does.
func created(text string) ([]byte, error) {
	var t time.Time
	var err error
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04:05", time.RFC3339} {
		if t, err = time.Parse(layout, text); err == nil {
			quoted, err := t.MarshalJSON()
			return bytes.Trim(quoted, `"`), err
		}
	}
	return nil, err
}

func build(r request) (answer, error) {
	contents := make([]string, len(r.Inputs))
	for i, input := range r.Inputs {
		contents[i] = string(input)
	}
	img, err := bundle.BuildTektonBundle(contents, r.Annotations, r.Labels, r.Created, io.Discard)
	if err != nil {
		return answer{}, err
	}
	a := answer{}
	if a.Manifest, err = img.RawManifest(); err != nil {
		return a, err
	}
	if a.Config, err = img.RawConfigFile(); err != nil {
		return a, err
	}
	manifest, err := img.Manifest()
	if err != nil {
		return a, err
	}
	layers, err := img.Layers()
	if err != nil {
		return a, err
	}
	for i, layer := range layers {
		o := object{
			APIVersion: manifest.Layers[i].Annotations["dev.tekton.image.apiVersion"],
			Kind:       manifest.Layers[i].Annotations["dev.tekton.image.kind"],
			Name:       manifest.Layers[i].Annotations["dev.tekton.image.name"],
			Digest:     manifest.Layers[i].Digest.String(),
		}
		diffID, err := layer.DiffID()
		if err != nil {
			return a, err
		}
		o.DiffID = diffID.String()
		content, err := layer.Uncompressed()
		if err != nil {
			return a, err
		}
		reader := tar.NewReader(content)
		if _, err := reader.Next(); err != nil {
			return a, err
		}
		if o.JSON, err = io.ReadAll(reader); err != nil {
			return a, err
		}
		content.Close()
		a.Objects = append(a.Objects, o)
	}
	sum := sha256.Sum256(a.Manifest)
	a.SHA256 = hex.EncodeToString(sum[:])
	return a, nil
}
