package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/exports"
	"github.com/city-resource-graph/crg/ingest/sheet"
)

// GetTemplate answers with a spreadsheet to fill in.
func (s *server) GetTemplate(_ context.Context, request wire.GetTemplateRequestObject) (wire.GetTemplateResponseObject, error) {
	class := city.Class(request.Class)
	var out bytes.Buffer
	name := "listings.xlsx"
	var err error
	if string(request.Params.Form) == "csv" {
		name = "listings.csv"
		err = sheet.WriteTemplateCSV(&out, class)
	} else {
		err = sheet.WriteTemplate(&out, class, s.taxonomy)
	}
	if err != nil {
		return nil, err
	}
	return wire.GetTemplate200ApplicationOctetStreamResponse{FileResponseApplicationOctetStreamResponse: file(&out, name, int64(out.Len()))}, nil
}

// GetExport answers with what the city holds. It is written to disk first: an error then is an answer and not half a file.
func (s *server) GetExport(ctx context.Context, request wire.GetExportRequestObject) (wire.GetExportResponseObject, error) {
	out, err := os.CreateTemp("", "crg-export-*")
	if err != nil {
		return nil, fmt.Errorf("a file for the export: %w", err)
	}
	_ = os.Remove(out.Name()) // it is there as long as it is open
	form := exports.Form(request.Form)
	in := exports.Request{City: callerOf(ctx).City, Form: form, Run: city.RunID(request.Params.Run)}
	if err := exports.Write(ctx, s.store, in, out); err != nil {
		_ = out.Close()
		return nil, err
	}
	size, err := out.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = out.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = out.Close()
		return nil, fmt.Errorf("read the export: %w", err)
	}
	return wire.GetExport200ApplicationOctetStreamResponse{FileResponseApplicationOctetStreamResponse: file(out, string(form), size)}, nil
}

func file(content io.Reader, name string, size int64) wire.FileResponseApplicationOctetStreamResponse {
	return wire.FileResponseApplicationOctetStreamResponse{
		Body: content, ContentLength: size,
		Headers: wire.FileResponseResponseHeaders{ContentDisposition: `attachment; filename="` + name + `"`},
	}
}
