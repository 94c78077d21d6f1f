package edgelist

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/matching"
)

// The files of a result folder.
const (
	AllocationFile  = "allocation.csv"
	PricesFile      = "prices.csv"
	CertificateFile = "certificate.json"
	BasisFile       = "basis.bin"
	InputsFile      = "inputs.json" // where the input was read from
)

func resultFiles() []string {
	return []string{AllocationFile, PricesFile, CertificateFile, BasisFile, InputsFile, ProofsFile}
}

// Result is a solution together with what identifies its input.
type Result struct {
	Instance *Instance
	Solution *matching.Solution
	Digest   string // of the instance
	Warm     bool   // the search started from an earlier basis
	Favoured Favoured
	Files    Files // where the instance was read from
}

// Output is a result folder in the making. It is prepared before anything is solved, so that a folder that cannot be
// written is found out at once.
type Output struct {
	dir     string
	staging string
	parents []string // that were not there before, the innermost first
}

// Prepare checks that dir can become a result folder: it must not exist, be empty, or hold an earlier result, which
// Commit will replace. Until then nothing of it is touched: files are written into a folder beside it.
func Prepare(dir string) (*Output, error) {
	dir = filepath.Clean(dir)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, &InputError{File: dir, Problem: "cannot be the output folder: " + cause(err)}
	}
	if dir, err = replaceable(dir); err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !slices.Contains(resultFiles(), e.Name()) {
			return nil, &InputError{File: dir, Problem: fmt.Sprintf(
				"cannot be the output folder: it holds %q, which is no result; name a new or empty folder", e.Name())}
		}
	}
	o := &Output{dir: dir, parents: notThere(filepath.Dir(dir))}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		o.Discard()
		return nil, &InputError{File: dir, Problem: "its parent cannot be made: " + cause(err)}
	}
	if o.staging, err = os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".partial-"); err != nil {
		o.Discard()
		return nil, &InputError{File: dir, Problem: "cannot be written: " + cause(err)}
	}
	return o, nil
}

// replaceable follows links: what is replaced is the folder that one leads to, never the link. It refuses folders that cannot
// make room for another one.
func replaceable(dir string) (string, error) {
	if _, err := os.Lstat(dir); errors.Is(err, os.ErrNotExist) {
		return dir, nil
	}
	target, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", &InputError{File: dir, Problem: "cannot be the output folder: it is a link that leads nowhere"}
	}
	folder, err := os.Stat(target)
	if err != nil {
		return "", &InputError{File: dir, Problem: "cannot be the output folder: " + cause(err)}
	}
	if here, err := os.Stat("."); err == nil && os.SameFile(here, folder) {
		return "", &InputError{File: dir, Problem: "cannot be the output folder: it is the one you are in; name a new folder inside it"}
	}
	if above, err := os.Stat(filepath.Dir(target)); err == nil && mounted(above, folder) {
		return "", &InputError{File: dir, Problem: "cannot be the output folder: another disk is mounted there; name a new folder inside it"}
	}
	return target, nil
}

// notThere lists a folder and those around it that do not exist, the innermost first.
func notThere(dir string) (list []string) {
	for {
		if _, err := os.Lstat(dir); err == nil || dir == filepath.Dir(dir) {
			return list
		}
		list = append(list, dir)
		dir = filepath.Dir(dir)
	}
}

// Discard removes what was prepared, the folders around it included where nothing else came into them. After Commit it
// does nothing.
func (o *Output) Discard() {
	_ = os.RemoveAll(o.staging)
	for _, parent := range o.parents {
		_ = os.Remove(parent)
	}
}

// Commit writes the result and then lets the folder appear in one step.
func (o *Output) Commit(r *Result) error {
	certificate, err := newCertificate(r.Instance, r.Solution, r.Favoured, r.Digest, r.Warm).encode()
	if err != nil {
		return fmt.Errorf("encode certificate: %w", err)
	}
	inputs, err := r.Files.encode()
	if err != nil {
		return fmt.Errorf("encode paths of the input: %w", err)
	}
	files := []file{
		{InputsFile, whole(inputs)},
		{CertificateFile, whole(certificate)},
		{BasisFile, []piece{func() []byte { return EncodeBasis(r.Instance, r.Solution.Basis) }}},
		{AllocationFile, allocationPieces(r.Instance, r.Solution)},
		{PricesFile, pricePieces(r.Instance, r.Solution)},
	}
	if len(r.Favoured.Proofs) > 0 {
		files = append(files, file{ProofsFile, proofPieces(r.Instance, r.Favoured.Proofs)})
	}
	if err := o.write(files...); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return o.swap()
}

// swap puts the new folder in the place of the old one.
func (o *Output) swap() error {
	if err := os.Chmod(o.staging, 0o755); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	old := o.staging + ".old"
	err := os.Rename(o.dir, old)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("replace earlier result: %w", err)
	}
	replaced := err == nil
	if err := os.Rename(o.staging, o.dir); err != nil {
		if replaced {
			_ = os.Rename(old, o.dir)
		}
		return fmt.Errorf("write result: %w", err)
	}
	if replaced {
		_ = os.Chmod(old, 0o755) // from one that cannot be written nothing can be removed
		if err := os.RemoveAll(old); err != nil {
			return fmt.Errorf("the result is written, but the earlier one could not be removed from %s: %w", old, err)
		}
	}
	return nil
}

// appendField quotes an id where CSV asks for it.
func appendField(text []byte, id string) []byte {
	plain := true
	for k := range len(id) {
		c := id[k]
		plain = plain && c != ',' && c != '"' && c != '\r' && c != '\n'
	}
	if plain {
		return append(text, id...)
	}
	text = append(text, '"')
	text = append(text, strings.ReplaceAll(id, `"`, `""`)...)
	return append(text, '"')
}
