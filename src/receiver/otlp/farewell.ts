/** The last words to connections that cannot be served, so that a person on the other side learns why. */
import type { Socket } from 'node:net';

/** So many connections beyond the limit are answered before they are closed; more are closed at once. */
export const SURPLUS = 100;
/** A connection that was told of its fault has so long to read it. */
const FAREWELL_MS = 1000;
/** The first byte of a client that speaks TLS. */
export const TLS_HANDSHAKE = 0x16;

/** Says a last word and closes. What still comes is thrown away, or the client would see a broken connection and no word. */
export function farewell(socket: Socket, bytes: Buffer): void {
  socket.end(bytes);
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
  socket.once('close', () => clearTimeout(timer));
}

/** A whole HTTP/1.1 answer, the last one of its connection. */
export function plainAnswer(status: string, text: string): Buffer {
  const body = `${text}\n`;
  return Buffer.from(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
