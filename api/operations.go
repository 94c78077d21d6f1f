package api

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/city-resource-graph/crg/city"
)

// operation is one operation of the API's description with what the middleware needs of it.
type operation struct {
	id        string
	route     *routers.Route
	signedIn  bool // needs an API key
	roles     []city.Role
	queryKeys map[string]bool // by name: whether it is text, which may be empty
	intake    bool            // something new begins
	streams   bool            // its answer goes on for as long as the caller listens
	takesFile bool            // its body is a file and no JSON
}

// media is the type of the bodies that the operation takes.
func (o *operation) media() string {
	if o.takesFile {
		return fileMedia
	}
	return "application/json"
}

// fileMedia is the type of files, in requests and answers.
const fileMedia = "application/octet-stream"

// operations finds an operation by what Gin knows of a request: method and path pattern.
type operations map[string]*operation

var pathParameter = regexp.MustCompile(`\{([a-z]+)\}`)

func newOperations(spec *openapi3.T) (operations, error) {
	roles, begins := permissions(), intake()
	found := operations{}
	for path, item := range spec.Paths.Map() {
		pattern := pathParameter.ReplaceAllString(path, ":$1")
		for method, described := range item.Operations() {
			op := &operation{
				id: exported(described.OperationID), signedIn: described.Security == nil || len(*described.Security) > 0,
				route:     &routers.Route{Spec: spec, Path: path, PathItem: item, Method: method, Operation: described},
				queryKeys: map[string]bool{},
			}
			op.roles, op.intake = roles[op.id], begins[op.id]
			if op.signedIn && len(op.roles) == 0 {
				return nil, fmt.Errorf("operation %s of the API's description: no role may use it", op.id)
			}
			for _, parameters := range []openapi3.Parameters{item.Parameters, described.Parameters} {
				for _, parameter := range parameters {
					if parameter.Value.In == openapi3.ParameterInQuery {
						op.queryKeys[parameter.Value.Name] = mayBeEmpty(parameter.Value.Schema.Value)
					}
				}
			}
			if ok := described.Responses.Status(200); ok != nil && ok.Value.Content.Get("text/event-stream") != nil {
				op.streams = true
			}
			if body := described.RequestBody; body != nil && body.Value.Content.Get(fileMedia) != nil {
				op.takesFile = true
			}
			found[method+" "+pattern] = op
		}
	}
	return found, nil
}

// exported is the operation's name in the generated server interface.
func exported(id string) string {
	if id == "" || id[0] < 'a' || id[0] > 'z' {
		return id
	}
	return string(id[0]-'a'+'A') + id[1:]
}

// mayBeEmpty says whether a parameter may be stated as empty: free text only.
func mayBeEmpty(schema *openapi3.Schema) bool {
	return schema.Type.Is(openapi3.TypeString) && len(schema.Enum) == 0 && schema.Pattern == "" && schema.MinLength == 0
}

// allowed lists the methods of a path. A path that is described as it stands is itself and no other's parameter.
func (o operations) allowed(path string) string {
	exact, matching := map[string]bool{}, map[string]bool{}
	for key := range o {
		method, pattern, _ := strings.Cut(key, " ")
		if pattern == path {
			exact[method] = true
		} else if fitsPattern(pattern, path) {
			matching[method] = true
		}
	}
	if len(exact) == 0 {
		exact = matching
	}
	if exact[http.MethodGet] && !o.streams(path) {
		exact[http.MethodHead] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(exact)), ", ")
}

// streams says whether the answer of GET on a path goes on for as long as the caller listens.
func (o operations) streams(path string) bool {
	op := o[http.MethodGet+" "+path]
	return op != nil && op.streams
}

// fitsPattern compares segment by segment; one that begins with a colon is a parameter.
func fitsPattern(pattern, path string) bool {
	wanted, given := strings.Split(pattern, "/"), strings.Split(path, "/")
	return slices.EqualFunc(wanted, given, func(want, have string) bool { return want == have || strings.HasPrefix(want, ":") && have != "" })
}
