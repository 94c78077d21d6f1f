package temporal

import (
	"cmp"
	"context"
	"net/http"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"

	"github.com/city-resource-graph/crg/dev/port"
)

// APIVariable names the environment variable that says where the product's API listens.
const APIVariable = "CRG_API_ADDRESS"

const (
	usualAPI = "127.0.0.1:8080"
	// codecLook is how often the Web UI looks whether there is an API that opens payloads.
	codecLook = 10 * time.Second
	codecWait = time.Second
)

// webUI is the configuration of the Web UI, which it reads again and again.
type webUI struct {
	config uiconfig.Config
	origin string // of its own pages
	codec  string // where an API that has keys opens payloads
}

func newWebUI(saved Settings, api string) *uiserver.Server {
	return uiserver.NewServer(uioptions.WithConfigProvider(&webUI{
		config: uiconfig.Config{
			TemporalGRPCAddress: port.Address(saved.Port),
			Host:                port.Host,
			Port:                saved.WebUI,
			EnableUI:            true,
			DefaultNamespace:    Namespace,
			DisableNewsFetch:    true, // nothing here calls anybody outside this machine
			HideLogs:            true,
			CORS:                uiconfig.CORS{CookieInsecure: true}, // plain HTTP, on loopback
			RefreshInterval:     codecLook,
		},
		origin: "http://" + port.Address(saved.WebUI),
		codec:  "http://" + cmp.Or(api, usualAPI) + "/codec",
	}))
}

// GetConfig points the pages at the codec endpoint while there is one; else they would call what does not answer.
func (w *webUI) GetConfig() (*uiconfig.Config, error) {
	config := w.config
	if w.opens() {
		config.Codec = uiconfig.Codec{
			Endpoint: w.codec, IncludeCredentials: true,
			DefaultErrorMessage: "Payloads are sealed. Open " + w.codec + "/ in this browser and sign in with an operator's API key as password.",
			DefaultErrorLink:    w.codec + "/",
		}
	}
	return &config, nil
}

// opens asks the API as a browser does before it sends a page's request: an API without keys has no such path, and one that
// expects another Web UI refuses.
func (w *webUI) opens() bool {
	ctx, cancel := context.WithTimeout(context.Background(), codecWait)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodOptions, w.codec+"/decode", http.NoBody)
	if err != nil {
		return false
	}
	request.Header.Set("Origin", w.origin)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusNoContent
}
