package main

import (
	"fmt"
	"net/url"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/notices/smtp"
	"github.com/city-resource-graph/crg/notices/webhook"
	"github.com/city-resource-graph/crg/outbound"
)

// links are made by workers and read by the API.
func (c Config) links() notices.Links {
	return notices.Links{BaseURL: c.PublicURL, Secret: []byte(c.LinkSecret)}
}

// senders are the channels by which notices go out: webhooks always, mail where there is a mail server.
func (s *services) senders() (map[city.Channel]notices.Sender, error) {
	hooks, err := s.hooks()
	if err != nil {
		return nil, err
	}
	senders := map[city.Channel]notices.Sender{city.Webhook: hooks}
	if s.config.SMTPURL == "" {
		return senders, nil
	}
	mails, err := smtp.New(smtp.Config{URL: s.config.SMTPURL, From: s.config.NoticeFrom})
	if err != nil {
		return nil, usage(fmt.Errorf("CRG_SMTP_URL and CRG_NOTICE_FROM: %w", err))
	}
	senders[city.EMail] = mails
	return senders, nil
}

// hooks sends to webhooks; the API asks it which addresses it would refuse. Addresses are the participants' own, so every
// public host may be called, and no redirect is followed.
func (s *services) hooks() (*webhook.Sender, error) {
	public, err := url.Parse(s.config.PublicURL)
	if err != nil || public.Host == "" {
		return nil, usagef("CRG_PUBLIC_URL %q: want a URL such as https://crg.city.example", s.config.PublicURL)
	}
	policy, err := s.config.outbound([]string{"*"})
	if err != nil {
		return nil, usage(err)
	}
	policy.Redirects, policy.MaxBytes, policy.Timeout = 0, 1<<20, 15*time.Second
	client, err := outbound.New(policy)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, client.Close)
	return &webhook.Sender{
		Client: client, Refused: outbound.ErrRefused, Own: []string{public.Host, s.config.APIAddress}, Now: time.Now,
	}, nil
}
