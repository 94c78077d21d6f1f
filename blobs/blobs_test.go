package blobs_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/blobs"
)

// buckets are the kinds that a test can have; each behaves the same.
func buckets(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{"memory": "mem://", "folder": "file://" + filepath.Join(t.TempDir(), "not", "there", "yet")}
}

func open(t *testing.T, url string) *blobs.Bucket {
	t.Helper()
	bucket, err := blobs.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bucket.Close()) })
	return bucket
}

func TestAnObjectComesBackAsItWasStored(t *testing.T) {
	t.Parallel()
	for name, url := range buckets(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bucket := open(t, url)
			require.NoError(t, bucket.Ping(t.Context()))
			comesBack(t, bucket)
		})
	}
}

func comesBack(t *testing.T, bucket *blobs.Bucket) {
	t.Helper()
	for _, content := range []string{"a snapshot", "", strings.Repeat("x", 1<<20)} {
		ref, err := bucket.Put(t.Context(), "runs/1/"+strings.Repeat("k", 1+len(content)%7), []byte(content))
		require.NoError(t, err)
		require.Equal(t, int64(len(content)), ref.Size)
		got, err := bucket.Get(t.Context(), ref)
		require.NoError(t, err)
		require.Equal(t, content, string(got))
	}
}

func TestTheSameContentAgainIsASuccessAndOtherContentIsNot(t *testing.T) {
	t.Parallel()
	for name, url := range buckets(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			otherContentIsAConflict(t, open(t, url), "key")
		})
	}
}

func otherContentIsAConflict(t *testing.T, bucket *blobs.Bucket, key string) {
	t.Helper()
	first, err := bucket.Put(t.Context(), key, []byte("one"))
	require.NoError(t, err)
	again, err := bucket.Put(t.Context(), key, []byte("one"))
	require.NoError(t, err)
	require.Equal(t, first, again)
	_, err = bucket.Put(t.Context(), key, []byte("two"))
	require.ErrorIs(t, err, blobs.ErrConflict)
	got, err := bucket.Get(t.Context(), first)
	require.NoError(t, err)
	require.Equal(t, "one", string(got))
}

func TestManyWritersOfTheSameContentAllSucceed(t *testing.T) {
	t.Parallel()
	for name, url := range buckets(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			manyWriters(t, open(t, url), "key")
		})
	}
}

func manyWriters(t *testing.T, bucket *blobs.Bucket, key string) {
	t.Helper()
	var group sync.WaitGroup
	failures := make([]error, 20)
	for i := range failures {
		group.Go(func() { _, failures[i] = bucket.Put(t.Context(), key, []byte("one")) })
	}
	group.Wait()
	for _, err := range failures {
		require.NoError(t, err)
	}
}

func TestADamagedOrMissingObjectIsNamed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	bucket := open(t, "file://"+folder)
	ref, err := bucket.Put(t.Context(), "runs/1/snapshot", []byte("a snapshot"))
	require.NoError(t, err)
	path := filepath.Join(folder, "runs", "1", "snapshot")
	for what, damaged := range map[string]string{"a flipped letter": "a snapshoT", "a cut": "a snap", "more": "a snapshot and more"} {
		require.NoError(t, os.WriteFile(path, []byte(damaged), 0o600))
		_, err = bucket.Get(t.Context(), ref)
		require.ErrorIs(t, err, blobs.ErrDamaged, what)
	}
	require.NoError(t, os.Remove(path))
	_, err = bucket.Get(t.Context(), ref)
	require.ErrorIs(t, err, blobs.ErrNotFound)
	require.ErrorContains(t, err, "runs/1/snapshot")
}

func TestNothingBesideTheObjectsIsLeft(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	bucket := open(t, "file://"+folder)
	_, err := bucket.Put(t.Context(), "key", []byte("one"))
	require.NoError(t, err)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestABadAddressIsRefused(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"": `scheme "": want file:///folder, s3://bucket or gs://bucket`, "nothing://x": `scheme "nothing": want`, "%%": "bucket address",
		"file:///proc/none/here": "make the bucket's folder", "file://folder": "want a folder from the root, as in file:///var/lib/crg",
		"s3://": "want a bucket and nothing behind it, as in s3://bucket", "gs://bucket/folder": "as in gs://bucket",
		"s3://bucket?regoin=x": `unknown query parameter "regoin"`,
	} {
		_, err := blobs.Open(t.Context(), url)
		require.ErrorContains(t, err, want, url)
	}
}

func TestOnlyWhatWasStoredIsPutBack(t *testing.T) {
	t.Parallel()
	bucket := open(t, "file://"+t.TempDir())
	ref, err := bucket.Put(t.Context(), "a/b", []byte("what was stored"))
	require.NoError(t, err)
	require.ErrorIs(t, bucket.Replace(t.Context(), ref, []byte("something else")), blobs.ErrConflict)
	lost := ref
	lost.Key = "a/lost"
	for _, one := range []blobs.Ref{ref, lost} {
		require.NoError(t, bucket.Replace(t.Context(), one, []byte("what was stored")))
		content, err := bucket.Get(t.Context(), one)
		require.NoError(t, err)
		require.Equal(t, "what was stored", string(content))
	}
}
