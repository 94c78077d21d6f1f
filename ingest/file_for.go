package ingest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/ingest/source"
)

// FileFor is where in a data folder a single file belongs that came without one, such as from a URL: the file that all
// wanted data sets read, or its CSV form where the name says so.
func (c *City) FileFor(name string, datasets []string) (string, error) {
	if c.host == nil && len(c.wards.Box) == 0 {
		return "", fmt.Errorf("profile of %s: its wards stand in a file of the data folder, so that a single file is not enough; want a folder", c.ID)
	}
	wanted, err := c.wanted(datasets)
	if err != nil {
		return "", err
	}
	var files []string
	for _, d := range c.datasets {
		if !wanted[d.ID] {
			continue
		}
		file := d.File
		switch {
		case d.OrCSV != "" && strings.EqualFold(filepath.Ext(name), ".csv"):
			file = d.OrCSV
		case d.options.Format == source.HSDS && name == "datapackage.json":
			return "", fmt.Errorf("%s describes tables that a single file lacks: want HSDS JSON, or a folder", name)
		}
		if !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	if len(files) != 1 {
		return "", fmt.Errorf("the profile reads %d files (%s): name data sets of one file, or give a folder", len(files), strings.Join(files, ", "))
	}
	return files[0], nil
}
