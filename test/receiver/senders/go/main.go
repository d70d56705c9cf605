// Command senders is what Go programs send spans with: the OpenTelemetry Collector, and the SDK for Go.
//
//	senders collector CONFIGURATION   runs a Collector with the otlp receiver and the otlp and otlphttp exporters
//	senders sdk grpc|http HOST:PORT   sends one trace of three spans
package main

import (
	"context"
	"fmt"
	"os"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

func main() {
	var err error
	switch os.Args[1] {
	case "collector":
		err = runCollector(os.Args[2])
	case "sdk":
		err = sendTrace(os.Args[2], os.Args[3])
	default:
		err = fmt.Errorf("unknown command %q", os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func runCollector(configuration string) error {
	otlp, overGrpc, overHttp := otlpreceiver.NewFactory(), otlpexporter.NewFactory(), otlphttpexporter.NewFactory()
	collector, err := otelcol.NewCollector(otelcol.CollectorSettings{
		BuildInfo: component.NewDefaultBuildInfo(),
		Factories: func() (otelcol.Factories, error) {
			return otelcol.Factories{
				Receivers: map[component.Type]receiver.Factory{otlp.Type(): otlp},
				Exporters: map[component.Type]exporter.Factory{overGrpc.Type(): overGrpc, overHttp.Type(): overHttp},
				Telemetry: otelconftelemetry.NewFactory(),
			}, nil
		},
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			URIs:              []string{"yaml:" + configuration},
			ProviderFactories: []confmap.ProviderFactory{yamlprovider.NewFactory()},
		}},
	})
	if err != nil {
		return err
	}
	return collector.Run(context.Background())
}

func sendTrace(protocol, endpoint string) error {
	ctx := context.Background()
	var client otlptrace.Client
	if protocol == "grpc" {
		client = otlptracegrpc.NewClient(
			otlptracegrpc.WithEndpoint(endpoint), otlptracegrpc.WithInsecure(), otlptracegrpc.WithCompressor("gzip"))
	} else {
		client = otlptracehttp.NewClient(
			otlptracehttp.WithEndpoint(endpoint), otlptracehttp.WithInsecure(),
			otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
	}
	exporter, err := otlptrace.New(ctx, client)
	if err != nil {
		return err
	}
	provider := trace.NewTracerProvider(
		trace.WithBatcher(exporter),
		trace.WithResource(resource.NewSchemaless(attribute.String("service.name", "shop-go"))))
	tracer := provider.Tracer("checkout-library")
	ctx, root := tracer.Start(ctx, "POST /checkout")
	_, reserve := tracer.Start(ctx, "inventory.reserve")
	reserve.SetAttributes(attribute.Int("amount", 1250), attribute.String("cart.id", "c-1 ✓"))
	reserve.End()
	_, charge := tracer.Start(ctx, "payment.charge")
	charge.End()
	root.End()
	if err := provider.ForceFlush(ctx); err != nil {
		return err
	}
	return provider.Shutdown(ctx)
}
