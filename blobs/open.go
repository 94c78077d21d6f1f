package blobs

import (
	"context"
	"fmt"
	"net/url"
	"os"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file://
	_ "gocloud.dev/blob/gcsblob"  // gs://
	_ "gocloud.dev/blob/memblob"  // mem://
	_ "gocloud.dev/blob/s3blob"   // s3://
)

// Open opens the bucket at a URL:
//
//	file:///folder                a folder, made when it is missing
//	s3://bucket?region=eu-north-1 Amazon S3; with &endpoint=https://host&use_path_style=true any store that speaks S3
//	gs://bucket                   Google Cloud Storage
//	mem://                        this process's memory
//
// The bucket of a cloud has to exist; credentials are the machine's, or those that the cloud's own variables name. Whether
// it can be reached Ping tells.
func Open(ctx context.Context, address string) (*Bucket, error) {
	at, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("bucket address: %w", err)
	}
	if err := check(at); err != nil {
		return nil, fmt.Errorf("bucket address %q: %w", address, err)
	}
	if at.Scheme == "file" {
		if err := os.MkdirAll(at.Path, 0o750); err != nil {
			return nil, fmt.Errorf("make the bucket's folder: %w", err)
		}
		// A temporary file beside the object, so that the rename that ends a write stays on one file system; no metadata
		// files beside each object.
		options := at.Query()
		options.Set("no_tmp_dir", "true")
		options.Set("metadata", "skip")
		at.RawQuery = options.Encode()
	}
	bucket, err := blob.OpenBucket(ctx, at.String())
	at.RawQuery = "" // options, not the place
	b := &Bucket{bucket: bucket, url: at.String(), scheme: at.Scheme}
	return b, b.failed("open it", err)
}

// check refuses an address that names no bucket.
func check(at *url.URL) error {
	switch at.Scheme {
	case "file":
		if at.Host != "" || at.Path == "" || at.Path[0] != '/' {
			return fmt.Errorf("want a folder from the root, as in file:///var/lib/crg")
		}
	case "s3", "gs":
		if at.Host == "" || (at.Path != "" && at.Path != "/") {
			return fmt.Errorf("want a bucket and nothing behind it, as in %s://bucket", at.Scheme)
		}
	case "mem":
	default:
		return fmt.Errorf("scheme %q: want file:///folder, s3://bucket or gs://bucket", at.Scheme)
	}
	return nil
}
