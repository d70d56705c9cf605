import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.concurrent.TimeUnit;

/** Sends one trace of three spans with the SDK for Java: SendTrace grpc|http HOST:PORT. */
public class SendTrace {
  public static void main(String[] arguments) {
    String endpoint = "http://" + arguments[1];
    SpanExporter exporter =
        arguments[0].equals("grpc")
            ? OtlpGrpcSpanExporter.builder().setEndpoint(endpoint).setCompression("gzip").build()
            : OtlpHttpSpanExporter.builder().setEndpoint(endpoint + "/v1/traces").setCompression("gzip").build();
    Attributes service = Attributes.of(AttributeKey.stringKey("service.name"), "shop-java");
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setResource(Resource.create(service))
            .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
            .build();
    Tracer tracer = provider.get("checkout-library");
    Span root = tracer.spanBuilder("POST /checkout").startSpan();
    Context within = Context.root().with(root);
    Span reserve = tracer.spanBuilder("inventory.reserve").setParent(within).startSpan();
    reserve.setAttribute("amount", 1250).setAttribute("cart.id", "c-1 ✓").end();
    tracer.spanBuilder("payment.charge").setParent(within).startSpan().end();
    root.end();
    boolean sent = provider.shutdown().join(30, TimeUnit.SECONDS).isSuccess();
    System.exit(sent ? 0 : 1);
  }
}
