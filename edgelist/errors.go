package edgelist

import "fmt"

// InputError says what is wrong with an input file, and where.
type InputError struct {
	File    string
	Line    int // 1 is the header; 0 if the file as a whole is meant
	Problem string
}

func (e *InputError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Problem)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Problem)
}
