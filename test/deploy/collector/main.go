// Command collector runs an OpenTelemetry Collector that has the parts which deploy/otel-collector.yaml names:
//
//	collector FILE
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/batchprocessor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
)

func main() {
	from, to := otlpreceiver.NewFactory(), otlpexporter.NewFactory()
	batch, storage := batchprocessor.NewFactory(), filestorage.NewFactory()
	collector, err := otelcol.NewCollector(otelcol.CollectorSettings{
		BuildInfo: component.NewDefaultBuildInfo(),
		Factories: func() (otelcol.Factories, error) {
			exporters, err := otelcol.MakeFactoryMap[exporter.Factory](to)
			if err != nil {
				return otelcol.Factories{}, err
			}
			return otelcol.Factories{
				Receivers:  map[component.Type]receiver.Factory{from.Type(): from},
				Processors: map[component.Type]processor.Factory{batch.Type(): batch},
				Exporters:  exporters,
				Extensions: map[component.Type]extension.Factory{storage.Type(): storage},
				Telemetry:  otelconftelemetry.NewFactory(),
			}, nil
		},
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			URIs:              []string{"file:" + os.Args[1]},
			ProviderFactories: []confmap.ProviderFactory{fileprovider.NewFactory()},
		}},
	})
	if err == nil {
		err = collector.Run(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
