package api_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The goal: 1,000 clients on one process, from the write to the client's hands p99 500 ms, and memory that stays. The
// clients share the process with the API, so that its two cores do both sides' work. Ten events a second are written one by
// one, in transactions of their own, and pass through outbox, relay and Redis.
//
//	bin/crgdev exec -- go test ./api -run '^$' -bench Listeners -benchtime 300x
func BenchmarkListeners(b *testing.B) {
	const clients = 1000
	bed := benchBed(b)
	bed.relay()
	bed.numbered()
	server := httptest.NewServer(bed.handler)
	b.Cleanup(server.Close)
	b.Cleanup(server.CloseClientConnections)
	key := bed.auditor()
	delays := make(chan time.Duration, clients*(b.N+1))
	var open, done sync.WaitGroup
	open.Add(clients)
	for range clients {
		done.Go(func() { listenFor(b, server.URL, key, b.N, &open, delays) })
	}
	open.Wait()
	before := heap()
	b.ResetTimer()
	for i := range b.N {
		began := time.Now()
		bed.announce("giver", fmt.Sprint(i))
		time.Sleep(100*time.Millisecond - time.Since(began)) //nolint:forbidigo // the pace is what is measured
	}
	done.Wait()
	b.StopTimer()
	after := heap()
	close(delays)
	all := make([]time.Duration, 0, clients*b.N)
	for delay := range delays {
		all = append(all, delay)
	}
	require.Len(b, all, clients*b.N, "each client gets each event once")
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2])/1e6, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100])/1e6, "p99-ms")
	b.ReportMetric(float64(all[len(all)-1])/1e6, "max-ms")
	b.ReportMetric(before/clients, "KiB/client")
	b.ReportMetric((after-before)/1024, "grown-MiB")
}

// listenFor follows n events and says how old each is when it arrives.
func listenFor(b *testing.B, base, key string, n int, open *sync.WaitGroup, delays chan<- time.Duration) {
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, base+"/api/v1/events", http.NoBody)
	if err != nil {
		panic(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewScanner(response.Body)
	lines.Scan() // the stream has begun
	open.Done()
	for n > 0 && lines.Scan() {
		data, found := strings.CutPrefix(lines.Text(), "data: ")
		if !found {
			continue
		}
		var event struct{ At time.Time }
		if err := json.Unmarshal([]byte(data), &event); err != nil {
			panic(err)
		}
		delays <- time.Since(event.At)
		n--
	}
}

// heap is what is in use after a collection, in KiB.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1024
}
