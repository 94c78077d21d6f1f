// Package smtp sends notices as plain-text e-mail over one mail server.
package smtp

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/notices"
)

// Config names the mail server.
type Config struct {
	// URL is smtp://user:password@host:587, smtps://... for TLS from the first byte. Over smtp:// STARTTLS is asked for, and
	// refused servers are only talked to with ?tls=none, which never sends a password.
	URL string
	// From is the address that mails come from, such as "City Resource Graph <crg@city.example>".
	From string
	// Timeout bounds one mail; 30 s when zero.
	Timeout time.Duration
	// RootCAs are who may vouch for the server; the system's when nil.
	RootCAs *x509.CertPool
}

// Sender sends over one server, a connection for each mail: notices are few, and a broken connection loses nothing.
type Sender struct {
	address string // host:port
	host    string
	from    *mail.Address
	auth    smtp.Auth
	tls     bool // from the first byte
	plain   bool // no TLS at all
	timeout time.Duration
	config  *tls.Config
}

// New reads the configuration and does not connect yet.
func New(c Config) (*Sender, error) {
	server, err := url.Parse(c.URL)
	if err != nil || server.Host == "" || (server.Scheme != "smtp" && server.Scheme != "smtps") {
		return nil, errors.New("mail server: want smtp://user:password@host:587 or smtps://host")
	}
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("sender of mails %q: want an address such as crg@city.example", c.From)
	}
	s := &Sender{host: server.Hostname(), from: from, tls: server.Scheme == "smtps", timeout: c.Timeout}
	switch server.Query().Get("tls") {
	case "":
	case "none":
		s.plain = !s.tls
	default:
		return nil, errors.New("mail server: want ?tls=none or nothing")
	}
	port := server.Port()
	if port == "" {
		port = map[bool]string{true: "465", false: "587"}[s.tls]
	}
	s.address = net.JoinHostPort(s.host, port)
	if s.timeout == 0 {
		s.timeout = 30 * time.Second
	}
	if password, ok := server.User.Password(); ok {
		if s.plain {
			return nil, errors.New("mail server: no password is sent without TLS")
		}
		s.auth = smtp.PlainAuth("", server.User.Username(), password, s.host)
	}
	s.config = &tls.Config{ServerName: s.host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12}
	return s, nil
}

// Send brings one mail to the server. Answers of the 400s and a server that is away pass; those of the 500s stay.
func (s *Sender) Send(ctx context.Context, m notices.Message) error {
	to, err := mail.ParseAddress(m.Address)
	if err != nil {
		return fmt.Errorf("%w: not an e-mail address", notices.ErrRefused)
	}
	letter, err := s.letter(m, to)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	client, err := s.connect(ctx)
	if err != nil {
		return verdict(err)
	}
	defer func() { _ = client.Close() }()
	return verdict(s.converse(client, to.Address, letter))
}

// connect greets the server and turns on TLS.
func (s *Sender) connect(ctx context.Context) (*smtp.Client, error) {
	var conn net.Conn
	var err error
	if s.tls {
		conn, err = (&tls.Dialer{Config: s.config}).DialContext(ctx, "tcp", s.address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
	}
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	client, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if s.tls || s.plain {
		return client, nil
	}
	if err := client.StartTLS(s.config); err != nil {
		return nil, errors.Join(fmt.Errorf("STARTTLS: %w", err), client.Close())
	}
	return client, nil
}

func (s *Sender) converse(client *smtp.Client, to string, letter []byte) error {
	if s.auth != nil {
		if err := client.Auth(s.auth); err != nil {
			return fmt.Errorf("log in: %w", err)
		}
	}
	if err := client.Mail(s.from.Address); err != nil {
		return fmt.Errorf("MAIL FROM: %w", err)
	}
	if err := client.Rcpt(to); err != nil {
		return fmt.Errorf("RCPT TO: %w", err)
	}
	data, err := client.Data()
	if err != nil {
		return fmt.Errorf("DATA: %w", err)
	}
	if _, err := data.Write(letter); err != nil {
		return fmt.Errorf("send the mail: %w", err)
	}
	if err := data.Close(); err != nil { // here the server takes it, or not
		return fmt.Errorf("send the mail: %w", err)
	}
	_ = client.Quit() // it is sent, whatever the server says to the farewell
	return nil
}

// letter is the mail. Its Message-ID is the notice's, so that mail programs drop one that came twice.
func (s *Sender) letter(m notices.Message, to *mail.Address) ([]byte, error) {
	_, domain, _ := strings.Cut(s.from.Address, "@")
	var out bytes.Buffer
	for _, field := range [][2]string{
		{"From", s.from.String()},
		{"To", (&mail.Address{Address: to.Address}).String()},
		{"Subject", mime.QEncoding.Encode("utf-8", oneLine(m.Text.Title))},
		{"Date", m.CreatedAt.Format(time.RFC1123Z)},
		{"Message-ID", "<" + m.ID + "@" + domain + ">"},
		{"Auto-Submitted", "auto-generated"}, // RFC 3834: no out-of-office replies, no mail loop
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		out.WriteString(field[0] + ": " + field[1] + "\r\n")
	}
	out.WriteString("\r\n")
	body := quotedprintable.NewWriter(&out)
	if _, err := body.Write([]byte(m.Text.Body)); err != nil {
		return nil, err
	}
	return out.Bytes(), body.Close()
}

func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' {
			return ' '
		}
		return r
	}, text)
}

// verdict marks what stays refused. The server's own words go no further than the attempt's record, for they may repeat
// the address.
func verdict(err error) error {
	var said *textproto.Error
	if errors.As(err, &said) && said.Code >= 500 {
		return fmt.Errorf("%w: the mail server answers %d: %w", notices.ErrRefused, said.Code, err)
	}
	return err
}
