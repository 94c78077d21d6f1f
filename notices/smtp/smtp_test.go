package smtp_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	server "github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/notices/smtp"
)

// post is a mail server on loopback that keeps what it takes.
type post struct {
	address string
	roots   *x509.CertPool
	answer  func(attempt int, to string) error // to RCPT TO; nil takes everybody
	stall   time.Duration                      // before it takes the mail

	mu       sync.Mutex
	attempts int
	mails    []string
	logins   []string
}

func newPost(t *testing.T, secure bool) *post {
	t.Helper()
	p := &post{}
	s := server.NewServer(p)
	s.Domain, s.AllowInsecureAuth = "localhost", false
	if secure {
		borrowed := httptest.NewTLSServer(nil) // for its certificate of 127.0.0.1
		t.Cleanup(borrowed.Close)
		s.TLSConfig = &tls.Config{Certificates: borrowed.TLS.Certificates, MinVersion: tls.VersionTLS12}
		p.roots = x509.NewCertPool()
		p.roots.AddCert(borrowed.Certificate())
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p.address = listener.Addr().String()
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(func() { _ = s.Close() })
	return p
}

func (p *post) NewSession(*server.Conn) (server.Session, error) { return &session{post: p}, nil }

// session is one connection.
type session struct{ post *post }

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.post.mu.Lock()
		defer s.post.mu.Unlock()
		if password != "secret" {
			return &server.SMTPError{Code: 535, Message: "no"}
		}
		s.post.logins = append(s.post.logins, user)
		return nil
	}), nil
}
func (s *session) Mail(string, *server.MailOptions) error { return nil }
func (s *session) Reset()                                 {}
func (s *session) Logout() error                          { return nil }

func (s *session) Rcpt(to string, _ *server.RcptOptions) error {
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	s.post.attempts++
	if s.post.answer == nil {
		return nil
	}
	return s.post.answer(s.post.attempts, to)
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.post.stall > 0 {
		<-time.After(s.post.stall)
	}
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	s.post.mails = append(s.post.mails, string(text))
	return nil
}

func message() notices.Message {
	return notices.Message{
		ID: "5f2c", City: "testville", Event: city.NoticeMatchWaiting, Kind: "match", Subject: "r:food.produce:1",
		Address: "ann@example.org", CreatedAt: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC),
		Text: notices.Text{Title: "Bitte zustimmen: 40 kg Äpfel", Body: "Ein Match wartet.\n.\nhttps://crg.example/m?a=b\n"},
	}
}

func (p *post) sender(t *testing.T, c smtp.Config) *smtp.Sender {
	t.Helper()
	if c.URL == "" {
		c.URL = "smtp://" + p.address + "?tls=none"
	}
	c.From, c.RootCAs = "City Resource Graph <crg@city.example>", p.roots
	s, err := smtp.New(c)
	require.NoError(t, err)
	return s
}

func TestAMailArrives(t *testing.T) {
	t.Parallel()
	p := newPost(t, false)
	require.NoError(t, p.sender(t, smtp.Config{}).Send(t.Context(), message()))
	require.Len(t, p.mails, 1)
	letter, err := mail.ReadMessage(strings.NewReader(p.mails[0]))
	require.NoError(t, err)
	require.Equal(t, "<5f2c@city.example>", letter.Header.Get("Message-Id"), "the same in every attempt")
	require.Equal(t, "auto-generated", letter.Header.Get("Auto-Submitted"))
	require.Equal(t, "<ann@example.org>", letter.Header.Get("To"))
	require.Equal(t, "=?utf-8?q?Bitte_zustimmen:_40_kg_=C3=84pfel?=", letter.Header.Get("Subject"))
	require.Contains(t, p.mails[0], "https://crg.example/m?a=3Db")
}

func TestPasswordsTravelInsideTLS(t *testing.T) {
	t.Parallel()
	p := newPost(t, true)
	require.NoError(t, p.sender(t, smtp.Config{URL: "smtp://crg:secret@" + p.address}).Send(t.Context(), message()))
	require.Equal(t, []string{"crg"}, p.logins)
	require.Len(t, p.mails, 1)
	err := p.sender(t, smtp.Config{URL: "smtp://crg:wrong@" + p.address}).Send(t.Context(), message())
	require.ErrorIs(t, err, notices.ErrRefused)

	p.roots = nil // a server that nobody vouches for
	err = p.sender(t, smtp.Config{URL: "smtp://crg:secret@" + p.address}).Send(t.Context(), message())
	require.ErrorContains(t, err, "certificate")
	require.Len(t, p.logins, 1)
}

func TestAServerWithoutTLSGetsNothing(t *testing.T) {
	t.Parallel()
	p := newPost(t, false)
	err := p.sender(t, smtp.Config{URL: "smtp://" + p.address}).Send(t.Context(), message())
	require.ErrorContains(t, err, "STARTTLS")
	require.Empty(t, p.mails)
}

// A greylisting server turns a stranger away at first and takes the mail when it comes again.
func TestGreylisting(t *testing.T) {
	t.Parallel()
	p := newPost(t, false)
	p.answer = func(attempt int, _ string) error {
		if attempt == 1 {
			return &server.SMTPError{Code: 450, EnhancedCode: server.EnhancedCode{4, 7, 1}, Message: "come again"}
		}
		return nil
	}
	s := p.sender(t, smtp.Config{})
	err := s.Send(t.Context(), message())
	require.ErrorContains(t, err, "450")
	require.NotErrorIs(t, err, notices.ErrRefused, "it is worth another attempt")
	require.NoError(t, s.Send(t.Context(), message()))
	require.Len(t, p.mails, 1)
}

func TestAnUnknownRecipientStaysUnknown(t *testing.T) {
	t.Parallel()
	p := newPost(t, false)
	p.answer = func(int, string) error { return &server.SMTPError{Code: 550, Message: "no such user"} }
	s := p.sender(t, smtp.Config{})
	require.ErrorIs(t, s.Send(t.Context(), message()), notices.ErrRefused)
	m := message()
	m.Address = "nobody"
	require.ErrorIs(t, s.Send(t.Context(), m), notices.ErrRefused)
	require.Empty(t, p.mails)
}

func TestAServerThatRefusesTheConnectionMayComeBack(t *testing.T) {
	t.Parallel()
	p := &post{address: "127.0.0.1:1"}
	err := p.sender(t, smtp.Config{}).Send(t.Context(), message())
	require.Error(t, err)
	require.NotErrorIs(t, err, notices.ErrRefused)
}

func TestASlowServerIsLeft(t *testing.T) {
	t.Parallel()
	p := newPost(t, false)
	p.stall = time.Minute
	begin := time.Now()
	err := p.sender(t, smtp.Config{Timeout: 200 * time.Millisecond}).Send(t.Context(), message())
	var late net.Error
	require.ErrorAs(t, err, &late)
	require.True(t, late.Timeout())
	require.NotErrorIs(t, err, notices.ErrRefused)
	require.Less(t, time.Since(begin), 25*time.Second, "the usual limit is 30 s")
}

func TestATitleStartsNoNewHeader(t *testing.T) {
	t.Parallel()
	p := newPost(t, false)
	m := message()
	m.Text.Title = "a\r\nBcc: eve@example.org"
	require.NoError(t, p.sender(t, smtp.Config{}).Send(t.Context(), m))
	letter, err := mail.ReadMessage(strings.NewReader(p.mails[0]))
	require.NoError(t, err)
	require.Empty(t, letter.Header.Get("Bcc"))
}

func TestBadConfigurations(t *testing.T) {
	t.Parallel()
	for _, c := range []smtp.Config{
		{URL: "http://mail.example", From: "a@b.example"},
		{URL: "smtp://", From: "a@b.example"},
		{URL: "smtp://mail.example", From: "nobody"},
		{URL: "smtp://mail.example?tls=maybe", From: "a@b.example"},
		{URL: "smtp://crg:secret@mail.example?tls=none", From: "a@b.example"},
	} {
		_, err := smtp.New(c)
		require.Error(t, err, "%+v", c)
		require.NotContains(t, err.Error(), "secret")
	}
}
