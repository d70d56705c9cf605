/** What (b) is measured against: a server on node:http that decodes each export request with protobufjs and throws it away. */
import { createServer } from 'node:http';
import { ExportTraceServiceRequest, spansIn } from '../otlp-proto.mjs';

let spans = 0;
const server = createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const body = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    spans += spansIn(ExportTraceServiceRequest.decode(body));
    response.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': 0 });
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.send({ spans }));
process.on('disconnect', () => process.exit(0));
