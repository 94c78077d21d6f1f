package blobs_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/loopback/loopbacktest"
)

// Keys of the server below; it listens on loopback and ends with the test.
const (
	s3User     = "crg"
	s3Password = "a-secret-of-this-test"
)

// s3Server starts a versitygw, a real S3 server over a folder, and gives the address of a bucket in it. Its module is pinned
// in tools/objectstore.
func s3Server(t *testing.T, bucket string) string {
	t.Helper()
	path, err := exec.CommandContext(t.Context(), "go", "-C", "../tools/objectstore", "tool", "-n", "versitygw").Output()
	require.NoError(t, err, "go -C tools/objectstore tool -n versitygw")
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, bucket), 0o700))
	address := loopbacktest.Address(t)

	var log strings.Builder
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	server := exec.CommandContext(ctx, strings.TrimSpace(string(path)), "--port", address, "--access", s3User, "--secret", s3Password,
		"--region", "eu-north-1", "--quiet", "posix", "--sidecar", t.TempDir(), folder)
	server.Stdout, server.Stderr = &log, &log
	require.NoError(t, server.Start())
	t.Cleanup(func() { stop(); _ = server.Wait() })
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, time.Minute, 20*time.Millisecond, "the S3 server never listened: %s", &log)
	return fmt.Sprintf("s3://%s?region=eu-north-1&endpoint=http://%s&use_path_style=true", bucket, address)
}

// What holds for folders holds for a bucket of S3, and what is wrong with it is said with its name.
func TestABucketOfS3(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", s3User)
	t.Setenv("AWS_SECRET_ACCESS_KEY", s3Password)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	address := s3Server(t, "crg-objects")
	bucket := open(t, address)
	require.NoError(t, bucket.Ping(t.Context()))

	t.Run("objects come back", func(t *testing.T) { comesBack(t, bucket) })
	t.Run("other content is a conflict", func(t *testing.T) { otherContentIsAConflict(t, bucket, "key") })
	t.Run("many writers of one object", func(t *testing.T) { manyWriters(t, bucket, "busy") })
	t.Run("a missing object", func(t *testing.T) {
		_, err := bucket.Get(t.Context(), blobs.Ref{Key: "runs/1/none"})
		require.EqualError(t, err, "read runs/1/none in bucket s3://crg-objects: no such object")
		_, found, err := bucket.Find(t.Context(), "runs/1/none")
		require.NoError(t, err)
		require.False(t, found)
	})
	t.Run("a missing bucket", func(t *testing.T) {
		none := open(t, strings.Replace(address, "crg-objects", "crg-none", 1))
		for doing, err := range map[string]error{"look": none.Ping(t.Context()), "store key": putting(t, none), "look for key": finding(t, none)} {
			require.ErrorContains(t, err, doing+" in bucket s3://crg-none: no such bucket: create the bucket, or let CRG_BLOBS name one that exists")
		}
	})
	t.Run("wrong credentials", func(t *testing.T) {
		t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
		require.ErrorContains(t, putting(t, open(t, address)), "store key in bucket s3://crg-objects")
		require.ErrorContains(t, putting(t, open(t, address)), "want AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	})
	t.Run("no credentials", func(t *testing.T) {
		t.Setenv("AWS_ACCESS_KEY_ID", "")
		t.Setenv("HOME", t.TempDir())
		require.ErrorContains(t, putting(t, open(t, address)), "store key in bucket s3://crg-objects")
		require.ErrorContains(t, putting(t, open(t, address)), "want AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	})
}

// The answers of Google's storage for what is wrong; the service itself is not there in a test.
func TestABucketOfGoogleSaysWhatItWants(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.Contains(r.URL.Path, "crg-none") {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"error":{"code":404,"message":"The specified bucket does not exist.","errors":[{"reason":"notFound"}]}}`))
			return
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"error":{"code":403,"message":"Anonymous caller does not have access","errors":[{"reason":"forbidden"}]}}`))
	}))
	t.Cleanup(server.Close)
	t.Setenv("STORAGE_EMULATOR_HOST", server.Listener.Addr().String())
	require.ErrorContains(t, open(t, "gs://crg-none").Ping(t.Context()),
		"look in bucket gs://crg-none: no such bucket: create the bucket, or let CRG_BLOBS name one that exists")
	closed := open(t, "gs://crg-closed").Ping(t.Context())
	require.ErrorContains(t, closed, "look in bucket gs://crg-closed: ")
	require.ErrorContains(t, closed, "want GOOGLE_APPLICATION_CREDENTIALS or the machine's service account, with roles/storage.objectAdmin on the bucket")
}

func putting(t *testing.T, bucket *blobs.Bucket) error {
	t.Helper()
	_, err := bucket.Put(t.Context(), "key", []byte("one"))
	return err
}

func finding(t *testing.T, bucket *blobs.Bucket) error {
	t.Helper()
	_, _, err := bucket.Find(t.Context(), "key")
	return err
}
