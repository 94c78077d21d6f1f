package source

import (
	"bufio"
	"errors"
	"io"
)

// lines reads physical lines with a cursor. A line longer than MaxRow is skipped without being held.
type lines struct {
	in     *bufio.Reader
	offset int64 // of the next line
	number int64 // of the next line, from 1
	back   []line
}

// line is one physical line without its end.
type line struct {
	text   []byte
	offset int64
	number int64
	size   int64 // bytes in the file, the line end included
	tooBig bool  // text holds only the beginning
	open   bool  // the file ended without a line end
}

func newLines(in io.Reader, at Cursor) *lines {
	return &lines{in: bufio.NewReaderSize(in, 64<<10), offset: at.Offset, number: at.Line}
}

// next returns the next line, or io.EOF.
func (l *lines) next() (line, error) {
	if n := len(l.back); n > 0 {
		again := l.back[n-1]
		l.back = l.back[:n-1]
		l.offset, l.number = again.offset+again.size, again.number+1
		return again, nil
	}
	current := line{offset: l.offset, number: l.number}
	for {
		piece, err := l.in.ReadSlice('\n')
		current.size += int64(len(piece))
		if !current.tooBig {
			current.text = append(current.text, piece...)
			if len(current.text) > MaxRow {
				current.tooBig = true
				current.text = append([]byte(nil), current.text[:120]...)
			}
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || current.size == 0) {
			return line{}, err
		}
		current.open = err != nil
		break
	}
	l.offset += current.size
	l.number++
	if !current.tooBig {
		current.text = trimLineEnd(current.text)
	}
	return current, nil
}

// unread puts lines back, to be read again in their order.
func (l *lines) unread(again []line) {
	for i := len(again) - 1; i >= 0; i-- {
		l.back = append(l.back, again[i])
	}
	if len(again) > 0 {
		l.offset, l.number = again[0].offset, again[0].number
	}
}

func trimLineEnd(text []byte) []byte {
	if n := len(text); n > 0 && text[n-1] == '\n' {
		text = text[:n-1]
	}
	if n := len(text); n > 0 && text[n-1] == '\r' {
		text = text[:n-1]
	}
	return text
}
