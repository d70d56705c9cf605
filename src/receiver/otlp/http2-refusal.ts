/**
 * What a client that speaks HTTP/2 is told when it cannot be served: the smallest HTTP/2 conversation that carries a text. gRPC
 * clients show the text of a GOAWAY frame, and try again elsewhere or later.
 *
 * Source: RFC 9113, sections 3.4, 4.1, 6.5, 6.8 and 7.
 */

const SETTINGS = 4;
const GOAWAY = 7;

export const GOAWAY_REASON = { protocolError: 0x1, enhanceYourCalm: 0xb, http11Required: 0xd } as const;
export type GoawayReason = (typeof GOAWAY_REASON)[keyof typeof GOAWAY_REASON];

/** What every HTTP/2 client sends first. */
export const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Whether bytes begin as an HTTP/2 connection does, as far as they go. */
export function beginsLikeHttp2(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, HTTP2_PREFACE.length);
  return length > 0 && HTTP2_PREFACE.subarray(0, length).equals(bytes.subarray(0, length));
}

/** The server's settings and a goodbye with a text: all that is written on such a connection. */
export function http2Refusal(reason: GoawayReason, text: string): Buffer {
  const goodbye = Buffer.alloc(8);
  goodbye.writeUInt32BE(0, 0);
  goodbye.writeUInt32BE(reason, 4);
  return Buffer.concat([
    frame(SETTINGS, Buffer.alloc(0)),
    frame(GOAWAY, Buffer.concat([goodbye, Buffer.from(text)])),
  ]);
}

function frame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  return Buffer.concat([header, payload]);
}
