// Package notices says in which words people are told something, when they want to be left alone, and how often a notice
// that did not arrive is tried again. It sends nothing and stores nothing: notices/smtp and notices/webhook send, package
// postgres keeps the rows, activities bring the two together.
package notices
