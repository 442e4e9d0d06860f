// Command fields prints the fields of every Go type that a Tekton object can hold, as `npm run fields` commits them: first
// a line for each kind, `tekton.dev/v1 Task = v1.Task`, then one for each struct type with its fields in the order of the
// struct, `v1.Param: name string, value param-value`. Behind a name, ? is omitempty and ~ is omitzero; before a type, * is a
// pointer.
package main

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strings"

	"github.com/tektoncd/pipeline/pkg/client/clientset/versioned/scheme"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	unmarshaler     = reflect.TypeOf((*json.Unmarshaler)(nil)).Elem()
	textUnmarshaler = reflect.TypeOf((*encoding.TextUnmarshaler)(nil)).Elem()
)

// Types that decode themselves. One that is missing here stops the program: somebody has to look at what it takes.
var decoders = map[string]string{
	"k8s.io/apimachinery/pkg/api/resource.Quantity":                     "quantity",
	"k8s.io/apimachinery/pkg/apis/meta/v1.Duration":                     "duration",
	"k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1":                     "raw",
	"k8s.io/apimachinery/pkg/apis/meta/v1.Time":                         "time",
	"k8s.io/apimachinery/pkg/runtime.RawExtension":                      "raw",
	"k8s.io/apimachinery/pkg/util/intstr.IntOrString":                   "int-or-string",
	"knative.dev/pkg/apis.URL":                                          "url",
	"knative.dev/pkg/apis.VolatileTime":                                 "time",
	"github.com/tektoncd/pipeline/pkg/apis/pipeline/v1.ParamValue":      "param-value",
	"github.com/tektoncd/pipeline/pkg/apis/pipeline/v1beta1.ParamValue": "param-value",
	"github.com/tektoncd/pipeline/pkg/result.ResultType":                "int64-or-string",
}

var packages = strings.NewReplacer(
	"github.com/tektoncd/pipeline/pkg/apis/pipeline/", "",
	"github.com/tektoncd/pipeline/pkg/apis/run/", "run.",
	"github.com/tektoncd/pipeline/pkg/apis/", "",
	"github.com/tektoncd/pipeline/pkg/", "",
	"k8s.io/api/core/v1", "core",
	"k8s.io/apimachinery/pkg/apis/meta/v1", "meta",
	"knative.dev/pkg/apis/duck/v1", "duck",
	"knative.dev/pkg/apis", "apis",
)

type table struct {
	lines map[string]string
}

func main() {
	all := table{lines: map[string]string{}}
	var kinds []string
	for _, version := range []string{"v1", "v1beta1", "v1alpha1"} {
		group := schema.GroupVersion{Group: "tekton.dev", Version: version}
		for kind, of := range scheme.Scheme.KnownTypes(group) {
			if strings.HasPrefix(of.PkgPath(), "github.com/tektoncd/") && !strings.HasSuffix(kind, "List") {
				kinds = append(kinds, fmt.Sprintf("%s %s = %s", group, kind, all.name(of)))
			}
		}
	}
	sort.Strings(kinds)
	names := make([]string, 0, len(all.lines))
	for name := range all.lines {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Println(strings.Join(kinds, "\n"))
	for _, name := range names {
		fmt.Printf("%s: %s\n", name, all.lines[name])
	}
}

// name of a type in the table; what a struct holds is noted on the way.
func (t table) name(of reflect.Type) string {
	if of.Kind() == reflect.Pointer {
		return "*" + t.name(of.Elem())
	}
	full := of.PkgPath() + "." + of.Name()
	if known, ok := decoders[full]; ok {
		return known
	}
	pointer := reflect.PointerTo(of)
	if pointer.Implements(unmarshaler) || pointer.Implements(textUnmarshaler) {
		panic("fields: nothing is known of the decoder of " + full)
	}
	switch of.Kind() {
	case reflect.Slice:
		if of.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[]" + t.name(of.Elem())
	case reflect.Map:
		if of.Key().Kind() != reflect.String || reflect.PointerTo(of.Key()).Implements(textUnmarshaler) {
			panic("fields: nothing is known of the keys of " + full)
		}
		return "{}" + t.name(of.Elem())
	case reflect.Interface:
		return "any"
	case reflect.Struct:
		return t.structure(of)
	case reflect.Int:
		return "int64"
	case reflect.String, reflect.Bool, reflect.Int32, reflect.Int64, reflect.Float64:
		return of.Kind().String()
	}
	panic(fmt.Sprintf("fields: nothing is known of the kind %s of %s", of.Kind(), full))
}

func (t table) structure(of reflect.Type) string {
	name := packages.Replace(of.PkgPath()) + "." + of.Name()
	if _, ok := t.lines[name]; ok {
		return name
	}
	t.lines[name] = ""
	fields := t.fields(of)
	seen := map[string]bool{}
	for _, field := range fields {
		own, _, _ := strings.Cut(field, " ")
		own = strings.TrimRight(own, "?~")
		if seen[own] {
			panic("fields: two fields " + own + " of " + name)
		}
		seen[own] = true
	}
	t.lines[name] = strings.Join(fields, ", ")
	return name
}

func (t table) fields(of reflect.Type) []string {
	var fields []string
	for i := range of.NumField() {
		field := of.Field(i)
		tag, rest, _ := strings.Cut(field.Tag.Get("json"), ",")
		if tag == "-" && rest == "" {
			continue
		}
		if field.Anonymous && tag == "" {
			embedded := field.Type
			if embedded.Kind() == reflect.Pointer {
				panic("fields: an embedded pointer in " + of.Name())
			}
			fields = append(fields, t.fields(embedded)...)
			continue
		}
		if !field.IsExported() {
			continue
		}
		if tag == "" {
			tag = field.Name
		}
		for _, option := range strings.Split(rest, ",") {
			switch option {
			case "omitempty":
				tag += "?"
			case "omitzero":
				tag += "~"
			case "", "inline":
			default:
				panic("fields: nothing is known of the option " + option + " of " + of.Name() + "." + field.Name)
			}
		}
		fields = append(fields, tag+" "+t.name(field.Type))
	}
	return fields
}
