package activities

// Ref is TEMPORARY until blobs lands.
type Ref struct {
	URI    string `json:"uri"`
	Key    string `json:"key"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}
