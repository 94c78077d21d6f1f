package convert

import (
	"regexp"
	"strings"
)

// Asks says whether free text asks for one of some words. People write lists in which some things are asked for and others
// are not ("toiletries, no clothing, diapers"; "DO NOT need clothes, blankets"; "anything but shoes"), so a word counts only
// where its clause does not deny it:
//
//   - a clause ends at . ; : ! ? a line end, a bracket or a bullet, and where "but" turns it round;
//   - "not", "no longer", "except", "enough" and the like deny what follows to the end of the clause, commas included;
//   - "no" and "have" deny up to the next comma.
//
// Words are whole words; a star stands for any ending. What stands in besides is passed over first, so that dog food is no
// food. All are in lower case.
func Asks(text string, words, besides []string) bool {
	text = strings.NewReplacer("\n", " | ", "\r", " | ").Replace(strings.ToLower(text))
	text = " " + strings.Join(strings.Fields(text), " ") + " "
	text = breaks.ReplaceAllString(text, " | ")
	for _, phrase := range besides {
		text = blank(text, phrase)
	}
	for _, item := range asked(text) {
		for _, word := range words {
			if find(item, word) >= 0 {
				return true
			}
		}
	}
	return false
}

var (
	// A full stop ends a clause only before a space, so that addresses and figures stay whole; a hyphen is a bullet only
	// before a word that it does not belong to.
	breaks = regexp.MustCompile(`[;:!?()•*]|\. |\.$| - | -`)
	but    = regexp.MustCompile(`\bbut\b`)
	all    = regexp.MustCompile(`\b(anything|everything|all)\b`)
	denies = regexp.MustCompile(`\b(not|cannot|no longer|never|except|excluding|without|other than|enough|well supplied|fully supplied|stop)\b|n't\b`)
	spares = regexp.MustCompile(`\b(no|none|have|has)\b`)
)

// asked lists the pieces of text that ask: what a clause says before it denies, item by item.
func asked(text string) []string {
	var items []string
	for clause := range strings.SplitSeq(text, "|") {
		denied := false
		for i, part := range but.Split(clause, -1) {
			if i > 0 {
				// "no clothes but shoes" asks after but; "anything but shoes" denies after it.
				denied = !denied && all.MatchString(strings.Join(but.Split(clause, -1)[:i], " "))
			}
			if !denied {
				if at := denies.FindStringIndex(part); at != nil {
					part, denied = part[:at[0]], true
				}
				items = append(items, spared(part)...)
			}
		}
	}
	return items
}

// spared leaves out the items, between commas, that say that there is none to be brought.
func spared(part string) []string {
	var items []string
	for item := range strings.SplitSeq(part, ",") {
		if at := spares.FindStringIndex(item); at != nil {
			item = item[:at[0]]
		}
		items = append(items, " "+item+" ")
	}
	return items
}

// find is where a word stands as a whole, or -1.
func find(text, word string) int {
	stem, open := strings.CutSuffix(word, "*")
	for from := 0; ; {
		at := strings.Index(text[from:], stem)
		if at < 0 {
			return -1
		}
		at += from
		end := at + len(stem)
		if (at == 0 || !letter(text[at-1])) && (open || end == len(text) || !letter(text[end])) {
			return at
		}
		from = at + 1
	}
}

// blank takes a phrase out of a text.
func blank(text, phrase string) string {
	for {
		at := find(text, phrase)
		if at < 0 {
			return text
		}
		text = text[:at] + "," + text[at+len(strings.TrimSuffix(phrase, "*")):]
	}
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80
}
