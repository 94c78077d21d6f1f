package temporal

import (
	"context"
	"fmt"
	"os"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"

	"github.com/city-resource-graph/crg/dev/port"
)

// Serve runs Temporal and its Web UI inside this process until the context ends, with the settings of the last start.
func (s *Server) Serve(ctx context.Context) error {
	saved, err := s.settings()
	if err != nil {
		return err
	}
	if saved.Port == 0 {
		return fmt.Errorf("%s was never started: use up", s.Name())
	}
	secret, err := s.folder.Secret()
	if err != nil {
		return err
	}
	cfg := saved.config(secret)
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: "warn", Stdout: true}))
	if err := s.prepareDatabases(ctx, cfg, logger); err != nil {
		return err
	}
	server, err := newServer(saved, cfg, logger)
	if err != nil {
		return fmt.Errorf("assemble Temporal server: %w", err)
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("start Temporal server: %w", err)
	}
	defer func() {
		if err := server.Stop(); err != nil {
			logger.Error("stop Temporal server", tag.Error(err))
		}
	}()
	if err := registerNamespace(ctx, port.Address(saved.Port)); err != nil {
		return err
	}
	ui := newWebUI(saved, os.Getenv(APIVariable))
	go func() {
		if err := ui.Start(); err != nil && ctx.Err() == nil {
			logger.Error("Web UI", tag.Error(err))
		}
	}()
	defer ui.Stop()
	<-ctx.Done()
	return nil
}

func newServer(saved Settings, cfg *config.Config, logger log.Logger) (temporal.Server, error) {
	authorizer, err := authorization.GetAuthorizerFromConfig(&cfg.Global.Authorization)
	if err != nil {
		return nil, fmt.Errorf("authorizer: %w", err)
	}
	claims, err := authorization.GetClaimMapperFromConfig(&cfg.Global.Authorization, logger)
	if err != nil {
		return nil, fmt.Errorf("claim mapper: %w", err)
	}
	hosts := map[primitives.ServiceName]static.Hosts{ // no gossip and no membership ports
		primitives.FrontendService: static.SingleLocalHost(port.Address(saved.Port)),
		primitives.HistoryService:  static.SingleLocalHost(port.Address(saved.Inside[history])),
		primitives.MatchingService: static.SingleLocalHost(port.Address(saved.Inside[matching])),
		primitives.WorkerService:   static.SingleLocalHost(port.Address(saved.Inside[worker])),
	}
	return temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts),
		temporal.WithAuthorizer(authorizer),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return claims }),
		temporal.WithDynamicConfigClient(dynamicSettings()),
		temporal.WithLogger(logger),
	)
}
