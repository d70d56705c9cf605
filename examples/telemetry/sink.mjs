/**
 * A receiver for OTLP over HTTP that writes what the Collector's file exporter writes: each export request as one line of
 * OTLP/JSON. It listens on the loopback interface only and keeps nothing in memory.
 */
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';

/**
 * Starts the sink. `url` is what an exporter is given; `close()` waits until all lines are on disk.
 *
 * @param {string} file written anew
 * @param {number} [port] a free one, if none is given
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function startSink(file, port = 0) {
  const lines = createWriteStream(file);
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      if (!request.headers['content-type']?.startsWith('application/json')) {
        response.writeHead(415).end('this receiver takes application/json\n');
        return;
      }
      // Parsed and printed again: a body may hold line ends, a line of the file may not.
      lines.write(`${JSON.stringify(JSON.parse(Buffer.concat(chunks).toString('utf8')))}\n`);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}/v1/traces`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await new Promise((resolve) => lines.end(resolve));
    },
  };
}
