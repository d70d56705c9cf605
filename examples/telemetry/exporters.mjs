/** The three ways in which the SDK for Node sends traces. Only the one that is asked for is loaded. */

/**
 * @param {'grpc' | 'http/protobuf' | 'http/json'} protocol by the names of OTEL_EXPORTER_OTLP_PROTOCOL
 * @param {{ http: string, grpc: string }} addresses URL with path for HTTP; `http://host:port` for gRPC
 */
export async function exporterFor(protocol, { http, grpc }) {
  switch (protocol) {
    case 'grpc': {
      const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc');
      return new OTLPTraceExporter({ url: grpc });
    }
    case 'http/protobuf': {
      const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
      return new OTLPTraceExporter({ url: http });
    }
    case 'http/json': {
      const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
      return new OTLPTraceExporter({ url: http });
    }
  }
  throw new Error(`no such protocol: ${protocol}`);
}
