package blobs

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"cloud.google.com/go/storage"
	"github.com/aws/smithy-go"
	"gocloud.dev/gcerrors"
	"google.golang.org/api/googleapi"
)

// errNoBucket says that the bucket itself is not there.
var errNoBucket = errors.New("no such bucket")

// failed says what was being done in which bucket, and what would be right where it is the installation that is wrong. An
// object that is not there is an ErrNotFound.
func (b *Bucket) failed(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case refused(err): // before what is not there, which Google's storage makes of it
		return fmt.Errorf("%s in bucket %s: %w: want %s", doing, b.url, err, access(b.scheme))
	case noBucket(err):
		return fmt.Errorf("%s in bucket %s: %w: create the bucket, or let CRG_BLOBS name one that exists: %w", doing, b.url, errNoBucket, err)
	case gcerrors.Code(err) == gcerrors.NotFound:
		return fmt.Errorf("%s in bucket %s: %w", doing, b.url, ErrNotFound)
	}
	return fmt.Errorf("%s in bucket %s: %w", doing, b.url, err)
}

func noBucket(err error) bool {
	return errors.Is(err, errNoBucket) || errors.Is(err, storage.ErrBucketNotExist) || answered(err, "NoSuchBucket")
}

// refused reports whether the storage does not take the credentials, or whether there are none to sign a request with.
func refused(err error) bool {
	var google *googleapi.Error
	return gcerrors.Code(err) == gcerrors.PermissionDenied || errors.Is(err, os.ErrPermission) ||
		errors.As(err, &google) && (google.Code == http.StatusForbidden || google.Code == http.StatusUnauthorized) ||
		answered(err, "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "AuthorizationHeaderMalformed") ||
		strings.Contains(err.Error(), "get credentials") || strings.Contains(err.Error(), "default credentials") // no types for these
}

// underWay reports whether somebody else is writing the same object at the moment.
func underWay(err error) bool { return answered(err, "ConditionalRequestConflict", "OperationAborted") }

func answered(err error, codes ...string) bool {
	var answer smithy.APIError
	if !errors.As(err, &answer) {
		return false
	}
	for _, code := range codes {
		if answer.ErrorCode() == code {
			return true
		}
	}
	return false
}

// access is what a storage wants to see.
func access(scheme string) string {
	switch scheme {
	case "s3":
		return "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or the machine's role, with s3:GetObject, s3:PutObject, " +
			"s3:DeleteObject and s3:ListBucket on the bucket, and its region"
	case "gs":
		return "GOOGLE_APPLICATION_CREDENTIALS or the machine's service account, with roles/storage.objectAdmin on the bucket"
	}
	return "a folder that this user may read and write"
}
