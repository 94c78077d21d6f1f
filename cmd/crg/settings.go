package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/city-resource-graph/crg/city"
)

// setting is one key of the configuration with where its value comes from.
type setting struct {
	key       string // in the file
	env       string
	otherwise string // default
	separator string // of a list in the environment
	help      string
	secret    bool
	value     reflect.Value
	from      string // default, file or environment
}

// settingsOf lists the keys of a configuration in the order in which it states them.
func settingsOf(c *Config) []setting {
	structure := reflect.ValueOf(c).Elem()
	list := make([]setting, structure.NumField())
	for i := range list {
		tag := structure.Type().Field(i).Tag
		list[i] = setting{
			key: tag.Get("yaml"), env: tag.Get("env"), otherwise: tag.Get("default"), separator: tag.Get("separator"),
			help: tag.Get("help"), secret: tag.Get("secret") == "true", value: structure.Field(i), from: "default",
		}
	}
	return list
}

// readSettings reads defaults, file and environment, each over the one before. All that is wrong is told at once.
func readSettings(path string, lookup func(string) (string, bool)) (Config, []setting, error) {
	config := new(Config)
	list := settingsOf(config)
	var wrong []error
	for i := range list {
		if list[i].otherwise != "" {
			wrong = append(wrong, list[i].set(list[i].otherwise))
		}
	}
	if path != "" {
		if err := readFile(path, config, list); err != nil {
			return Config{}, nil, err
		}
	}
	for i := range list {
		if text, given := lookup(list[i].env); given {
			if err := list[i].set(text); err != nil {
				wrong = append(wrong, fmt.Errorf("%s %q: %w", list[i].env, list[i].masked(text), err))
			}
			list[i].from = "environment"
		}
	}
	return *config, list, errors.Join(wrong...)
}

func readFile(path string, config *Config, list []setting) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("CRG_CONFIG: %w", err)
	}
	if _, err := city.YAMLDocument(content, "configuration file "+path); err != nil {
		return err
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(content)))
	decoder.KnownFields(true)
	if err := decoder.Decode(config); err != nil {
		return fmt.Errorf("configuration file %s: %w", path, err)
	}
	var given map[string]any
	if err := yaml.Unmarshal(content, &given); err != nil {
		return fmt.Errorf("configuration file %s: %w", path, err)
	}
	for i := range list {
		if _, there := given[list[i].key]; there {
			list[i].from = "file"
		}
	}
	return nil
}

// set reads a text as the key's type.
func (s *setting) set(text string) error {
	switch target := s.value.Addr().Interface().(type) {
	case *string:
		*target = text
	case *[]string:
		*target = nil
		for part := range strings.SplitSeq(text, s.separator) {
			if part = strings.TrimSpace(part); part != "" {
				*target = append(*target, part)
			}
		}
	case *bool:
		value, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("want true or false")
		}
		*target = value
	case *int:
		value, err := strconv.Atoi(text)
		if err != nil {
			return errors.New("want a whole number")
		}
		*target = value
	case *float64:
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return errors.New("want a number")
		}
		*target = value
	case *time.Duration:
		value, err := time.ParseDuration(text)
		if err != nil {
			return errors.New("want a duration such as 25s")
		}
		*target = value
	default:
		return fmt.Errorf("a key of type %s cannot be set", s.value.Type())
	}
	return nil
}

// text is the value as it would be set; of a secret only what is none.
func (s *setting) text() string {
	if list, is := s.value.Interface().([]string); is {
		shown := make([]string, len(list))
		for i, one := range list {
			if shown[i] = one; s.secret { // none is an address
				shown[i] = "***"
			}
		}
		return strings.Join(shown, s.separator)
	}
	return s.masked(fmt.Sprint(s.value.Interface()))
}

// masked keeps scheme, user and place of a secret URL, which tell which store it is; of any other secret nothing.
func (s *setting) masked(text string) string {
	if !s.secret || text == "" {
		return text
	}
	address, err := url.Parse(text)
	if err != nil || address.Scheme == "" || address.Host == "" && address.Path == "" || address.Opaque != "" {
		return "***"
	}
	user := ""
	if address.User != nil {
		user = address.User.Username() + ":***@"
	}
	query := ""
	if address.RawQuery != "" {
		query = "?***"
	}
	return address.Scheme + "://" + user + address.Host + address.EscapedPath() + query
}
