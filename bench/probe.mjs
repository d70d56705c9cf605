/** Spans that break a rule at once, one rule each: what the latency of signals is measured with. */
import { randomBytes } from 'node:crypto';

/** A rule file with as many rules as there are probes. */
export function probeRules(count) {
  const rules = Array.from(
    { length: Math.max(1, count) },
    (_, probe) =>
      `  - id: probe-${probe}\n    severity: critical\n    enforcement: hard-block\n    condition: never { bench.forbidden-${probe} }`,
  );
  return { name: 'probes.yaml', text: `version: 1\nrules:\n${rules.join('\n')}\n` };
}

/** An export request with the one span that breaks the rule of this probe. */
export function forbidden(probe) {
  const now = BigInt(Date.now()) * 1_000_000n;
  const span = Buffer.concat([
    field(1, randomBytes(16)),
    field(2, randomBytes(8)),
    field(5, Buffer.from(`bench.forbidden-${probe}`)),
    fixed64(7, now - 1_000_000n),
    fixed64(8, now),
  ]);
  return field(1, field(2, field(2, span)));
}

function field(number, bytes) {
  const length = [];
  let rest = bytes.length;
  for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length, rest]), bytes]);
}

function fixed64(number, value) {
  const bytes = Buffer.alloc(9);
  bytes[0] = (number << 3) | 1;
  bytes.writeBigUInt64LE(value, 1);
  return bytes;
}
