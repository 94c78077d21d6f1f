package temporal

import (
	"time"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/metrics"

	"github.com/city-resource-graph/crg/dev/port"
	"github.com/city-resource-graph/crg/dev/postgresql"
)

// Indexes into Settings.Inside.
const (
	history = iota
	matching
	worker
	httpAPI
	metricsPage
)

const (
	// shards is fixed for the life of a database. One process on a few cores gains nothing from more.
	shards = 4
	// connections is the limit per store and service; about 40 are in use.
	connections = 20

	mainStore       = "main"
	visibilityStore = "visibility"
	disabled        = "disabled"
)

// config is the static configuration of the server; everything listens on loopback.
func (s Settings) config(password string) *config.Config {
	service := func(p int) config.Service {
		return config.Service{RPC: config.RPC{GRPCPort: p, BindOnIP: port.Host}}
	}
	frontend := service(s.Port)
	frontend.RPC.HTTPPort = s.Inside[httpAPI]
	return &config.Config{
		Global: config.Global{
			Membership: config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: port.Host},
			Metrics: &metrics.Config{Prometheus: &metrics.PrometheusConfig{
				ListenAddress: port.Address(s.Inside[metricsPage]), HandlerPath: "/metrics",
			}},
		},
		Persistence: config.Persistence{
			DefaultStore: mainStore, VisibilityStore: visibilityStore, NumHistoryShards: shards,
			DataStores: map[string]config.DataStore{
				mainStore:       {SQL: s.store("temporal", password)},
				visibilityStore: {SQL: s.store("temporal_visibility", password)},
			},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10, MasterClusterName: "active", CurrentClusterName: "active",
			ClusterInformation: map[string]cluster.ClusterInformation{
				"active": {Enabled: true, InitialFailoverVersion: 1, RPCAddress: port.Address(s.Port), ClusterID: clusterID(password)},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services: map[string]config.Service{
			"frontend": frontend, "history": service(s.Inside[history]),
			"matching": service(s.Inside[matching]), "worker": service(s.Inside[worker]),
		},
		Archival: config.Archival{
			History: config.HistoryArchival{State: disabled}, Visibility: config.VisibilityArchival{State: disabled},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: disabled},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: disabled},
		}},
		PublicClient: config.PublicClient{HostPort: port.Address(s.Port)},
	}
}

func (s Settings) store(database, password string) *config.SQL {
	return &config.SQL{
		PluginName: plugin, User: postgresql.Role, Password: password, DatabaseName: database,
		ConnectAddr: port.Address(s.Postgres), ConnectProtocol: "tcp",
		MaxConns: connections, MaxIdleConns: connections, MaxConnLifetime: time.Hour,
		ConnectAttributes: map[string]string{"sslmode": "disable", "synchronous_commit": s.Sync},
	}
}

// dynamicSettings are those that suit one small machine. The limits protect a shared server from its users; here they
// would only be what a benchmark measures.
func dynamicSettings() dynamicconfig.StaticClient {
	const unlimited = 50_000
	return dynamicconfig.StaticClient{
		// Search attributes are registered by the product while it starts and used a moment later.
		dynamicconfig.ForceSearchAttributesCacheRefreshOnRead.Key(): true,
		// One partition: with the default of four a few pollers leave tasks waiting (p95 three times as long).
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		// Tasks of a queue are given out in turns of their fairness keys, which are cities.
		dynamicconfig.MatchingEnableFairness.Key():             true,
		dynamicconfig.FrontendMaxNamespaceRPSPerInstance.Key(): unlimited,
		dynamicconfig.FrontendPersistenceMaxQPS.Key():          unlimited,
		dynamicconfig.HistoryPersistenceMaxQPS.Key():           unlimited,
		dynamicconfig.MatchingPersistenceMaxQPS.Key():          unlimited,
		// Each test with workers has a deployment of its own, and tests are repeated on one server for days.
		dynamicconfig.MatchingMaxDeployments.Key(): unlimited,
		// The version check asks a server on the internet.
		dynamicconfig.EnableServerVersionCheck.Key(): false,
	}
}
