package codec

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"
)

const (
	encodingSealed = "binary/encrypted" // as Temporal's own samples call it, so that the Web UI shows a lock
	metaKeyID      = "encryption-key-id"
)

// Codec seals and opens payloads. It is safe for concurrent use.
type Codec struct{ keys *Keys }

var _ converter.PayloadCodec = (*Codec)(nil)

// New is the codec of keys.
func New(keys *Keys) *Codec { return &Codec{keys: keys} }

// Encode seals payloads with the first key.
func (c *Codec) Encode(payloads []*common.Payload) ([]*common.Payload, error) {
	sealed := make([]*common.Payload, len(payloads))
	for i, payload := range payloads {
		plain, err := proto.Marshal(payload)
		if err != nil {
			return nil, fmt.Errorf("seal a payload: %w", err)
		}
		id := c.keys.sealing
		sealed[i] = &common.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encodingSealed), metaKeyID: []byte(id)},
			Data:     c.keys.ciphers[id].Seal(nil, nil, plain, []byte(id)),
		}
	}
	return sealed, nil
}

// Decode opens what was sealed and hands on what was not, such as what was written before there was a codec.
func (c *Codec) Decode(payloads []*common.Payload) ([]*common.Payload, error) {
	plain := make([]*common.Payload, len(payloads))
	for i, payload := range payloads {
		if string(payload.GetMetadata()[converter.MetadataEncoding]) != encodingSealed {
			plain[i] = payload
			continue
		}
		opened, err := c.open(payload)
		if err != nil {
			return nil, err
		}
		plain[i] = opened
	}
	return plain, nil
}

func (c *Codec) open(payload *common.Payload) (*common.Payload, error) {
	id := string(payload.GetMetadata()[metaKeyID])
	aead, known := c.keys.ciphers[id]
	if !known {
		return nil, &KeyError{ID: id, Have: c.keys.IDs()}
	}
	text, err := aead.Open(nil, nil, payload.GetData(), []byte(id))
	if err != nil {
		return nil, fmt.Errorf("a payload does not open with key %q: it was changed, or the key of this id is another one", id)
	}
	opened := &common.Payload{}
	if err := proto.Unmarshal(text, opened); err != nil {
		return nil, fmt.Errorf("a payload sealed with key %q is none: %w", id, err)
	}
	return opened, nil
}

// Converter writes and reads sealed payloads, for what a client hands over as it is: the arguments of schedules.
// Without keys it is the SDK's own.
func Converter(keys *Keys) converter.DataConverter {
	if keys == nil {
		return converter.GetDefaultDataConverter()
	}
	return converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), New(keys))
}

// Secure makes a client seal everything it sends, failures with their messages and stack traces included.
func Secure(options *client.Options, keys *Keys) {
	data := Converter(keys)
	options.DataConverter = &patient{DataConverter: data}
	options.FailureConverter = temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		DataConverter: data, EncodeCommonAttributes: true,
	})
}

// patient is the converter inside a workflow. There an error would end the workflow for good, although all that is
// missing is a key; a panic fails the task, which the server gives out again until it succeeds.
type patient struct {
	converter.DataConverter
	inWorkflow bool
}

var _ workflow.ContextAware = (*patient)(nil)

// WithWorkflowContext is the converter of a workflow.
func (p *patient) WithWorkflowContext(workflow.Context) converter.DataConverter {
	return &patient{DataConverter: p.DataConverter, inWorkflow: true}
}

// WithContext is the converter of an activity or client.
func (p *patient) WithContext(context.Context) converter.DataConverter { return p }

// FromPayloads reads values.
func (p *patient) FromPayloads(payloads *common.Payloads, values ...any) error {
	return p.wait(p.DataConverter.FromPayloads(payloads, values...))
}

// FromPayload reads a value.
func (p *patient) FromPayload(payload *common.Payload, value any) error {
	return p.wait(p.DataConverter.FromPayload(payload, value))
}

func (p *patient) wait(err error) error {
	var missing *KeyError
	if p.inWorkflow && errors.As(err, &missing) {
		panic(missing)
	}
	return err
}
