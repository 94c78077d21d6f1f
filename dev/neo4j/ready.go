package neo4j

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	bolt "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"
)

// Ready reports whether the database answers to its password now.
func (s *Server) Ready(ctx context.Context) error {
	if !s.made() {
		return errors.New("the first start of Neo4j is not complete")
	}
	return s.ask(ctx)
}

// Complete notes that the first start came to its end.
func (s *Server) Complete(ctx context.Context) error {
	if err := s.ask(ctx); err != nil || s.made() {
		return err
	}
	if err := os.WriteFile(s.folder.Sub(Made), nil, 0o600); err != nil {
		return fmt.Errorf("note that Neo4j is made: %w", err)
	}
	return nil
}

// askLimit is for a loaded machine: a server that is away refuses at once.
const askLimit = 15 * time.Second

// ask runs a statement: a server that lets one in may still be opening its database.
func (s *Server) ask(ctx context.Context) error {
	env, err := s.Environment()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	auth := bolt.BasicAuth(env["NEO4J_USERNAME"], env["NEO4J_PASSWORD"], "")
	driver, err := bolt.NewDriverWithContext(env["NEO4J_URI"], auth, func(c *config.Config) {
		c.MaxTransactionRetryTime = time.Millisecond // the caller asks again
		c.SocketConnectTimeout = askLimit
		c.ConnectionAcquisitionTimeout = askLimit
	})
	if err != nil {
		return fmt.Errorf("ask Neo4j: %w", err)
	}
	defer func() { _ = driver.Close(context.WithoutCancel(ctx)) }()
	session := driver.NewSession(ctx, bolt.SessionConfig{DatabaseName: "neo4j"})
	defer func() { _ = session.Close(context.WithoutCancel(ctx)) }()
	result, err := session.Run(ctx, "RETURN 1", nil)
	if err == nil {
		_, err = result.Consume(ctx)
	}
	if err != nil {
		return fmt.Errorf("ask Neo4j: %w", err)
	}
	return nil
}
