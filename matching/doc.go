// Package matching allocates resources to needs so that the total value is greatest, and proves it.
package matching
