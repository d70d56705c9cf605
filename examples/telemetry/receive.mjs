/**
 * A receiver to record traces with, where no Collector is at hand: writes what is sent to http://localhost:4318/v1/traces as
 * OTLP/JSON lines, until Ctrl-C. It takes OTLP/HTTP with JSON, which the exporter of the OpenTelemetry SDK for Node sends.
 *
 *     node examples/telemetry/receive.mjs OUT.jsonl [PORT]
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { startSink } from './sink.mjs';

const [file, port = '4318', ...rest] = process.argv.slice(2);
if (file === undefined || rest.length > 0 || !/^\d+$/.test(port)) {
  process.stderr.write('Usage: node receive.mjs OUT.jsonl [PORT]\n');
  process.exit(2);
}
mkdirSync(dirname(file), { recursive: true });
try {
  const sink = await startSink(file, Number(port));
  process.stdout.write(`receiving traces at ${sink.url}, writing ${file}; Ctrl-C ends\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => sink.close());
} catch (error) {
  process.stderr.write(`cannot listen at port ${port}: ${error.message}\n`);
  process.exitCode = 1;
}
