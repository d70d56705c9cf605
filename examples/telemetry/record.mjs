/** The command line that the examples share: `node examples/DOMAIN/record.mjs VARIANT OUT.jsonl`. */
import { startSink } from './sink.mjs';
import { startTelemetry } from './telemetry.mjs';

/**
 * Runs one variant of an example and writes its traces, one export request a line. Without arguments it lists the variants.
 *
 * @param {string} service
 * @param {Record<string, (tracer: import('@opentelemetry/api').Tracer) => Promise<unknown>>} variants
 */
export async function recordVariant(service, variants) {
  const [variant, file, ...rest] = process.argv.slice(2);
  const run = variants[variant];
  if (run === undefined || file === undefined || rest.length > 0) {
    process.stderr.write(
      `Usage: node record.mjs VARIANT OUT.jsonl\nVariants: ${Object.keys(variants).join(' ')}\n`,
    );
    process.exit(2);
  }
  const sink = await startSink(file);
  const telemetry = startTelemetry({ service, url: sink.url });
  try {
    await run(telemetry.tracer);
  } finally {
    await telemetry.shutdown();
    await sink.close();
  }
}
