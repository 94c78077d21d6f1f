package main

import (
	"fmt"
	"net/netip"

	"github.com/city-resource-graph/crg/outbound"
)

// outbound is the policy for calls to these hosts.
func (c Config) outbound(hosts []string) (outbound.Policy, error) {
	policy := outbound.Policy{Hosts: hosts, PlainHTTP: c.OutboundPlainHTTP, Redirects: 3}
	for _, text := range c.OutboundNetworks {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return policy, fmt.Errorf("CRG_OUTBOUND_NETWORKS %q: want networks such as 10.1.0.0/16, separated by commas", text)
		}
		policy.Private = append(policy.Private, network)
	}
	return policy, policy.Validate()
}
