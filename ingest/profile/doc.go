// Package profile is the language in which a city's folder says what the rows of its files are: which columns hold what,
// which rows become resources and needs and on what terms, how quantities are derived where no source states them, and
// what the other rows are kept for. Documents are YAML; docs/howto-import.md describes them.
//
// The language declares and does not compute: a row takes the first branch that fits it, conditions compare one field with
// constants, and the few things that need code are named functions. Reading is strict. An unknown key, a name that nothing
// defines or a figure without a source is an error with its file and line.
package profile
