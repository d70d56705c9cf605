/** What a list of spans shares, as the archive stores it: found by the bytes of its resource and of its scope. */

import { LENGTH, WireError, WireReader } from '../../otlp/proto/wire-reader.ts';
import { GrowingBytes } from '../parquet/growing-bytes.ts';
import { mostJson, type ProtoJson } from './proto-json.ts';
import { isUtf8, mendedUtf8 } from './utf8.ts';

export interface ResourceTexts {
  readonly service: Uint8Array;
  readonly version: Uint8Array;
  readonly environment: Uint8Array;
  /** All attributes, as JSON. */
  readonly attributes: Uint8Array;
}

export interface ScopeTexts {
  readonly name: Uint8Array;
  readonly version: Uint8Array;
}

/** Beyond so many the table is emptied: a process that starts anew has a resource of its own. */
const MOST = 4096;
const NONE = new Uint8Array(0);
const NO_ATTRIBUTES = new TextEncoder().encode('{}');
const NO_RESOURCE: ResourceTexts = {
  service: NONE,
  version: NONE,
  environment: NONE,
  attributes: NO_ATTRIBUTES,
};
const NO_SCOPE: ScopeTexts = { name: NONE, version: NONE };
const ENCODER = new TextEncoder();

export class ResourceTable {
  readonly #json: ProtoJson;
  readonly #out = new GrowingBytes();
  readonly #resources = new ByteMap<ResourceTexts>();
  readonly #scopes = new ByteMap<ScopeTexts>();

  constructor(json: ProtoJson) {
    this.#json = json;
  }

  /** Of the Resource message in `bytes[from, to)`, which `json` must be reading; `from` is -1 where there is none. */
  resourceOf(bytes: Uint8Array, from: number, to: number): ResourceTexts {
    if (from < 0) return NO_RESOURCE;
    return (
      this.#resources.get(bytes, from, to) ??
      this.#resources.set(bytes, from, to, this.#readResource(from, to))
    );
  }

  /** Of the InstrumentationScope message in `bytes[from, to)`. */
  scopeOf(bytes: Uint8Array, from: number, to: number): ScopeTexts {
    if (from < 0) return NO_SCOPE;
    return this.#scopes.get(bytes, from, to) ?? this.#scopes.set(bytes, from, to, readScope(bytes, from, to));
  }

  #readResource(from: number, to: number): ResourceTexts {
    const out = this.#out;
    out.clear();
    out.reserve(mostJson(to - from));
    try {
      this.#json.attributesOf(1, from, to, out);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return NO_RESOURCE;
    }
    const attributes = out.written().slice();
    // Once for each resource: the plain way is good enough. Long integers lose digits here, and are no text anyway.
    const read = JSON.parse(new TextDecoder().decode(attributes)) as Record<string, unknown>;
    const text = (key: string) => (typeof read[key] === 'string' ? (read[key] as string) : undefined);
    return {
      service: ENCODER.encode(text('service.name') ?? ''),
      version: ENCODER.encode(text('service.version') ?? ''),
      environment: ENCODER.encode(
        text('deployment.environment.name') ?? text('deployment.environment') ?? '',
      ),
      attributes,
    };
  }
}

function readScope(bytes: Uint8Array, from: number, to: number): ScopeTexts {
  let name: Uint8Array = NONE;
  let version: Uint8Array = NONE;
  try {
    const reader = new WireReader(bytes, from, to);
    while (reader.next()) {
      if (reader.wire === LENGTH && reader.field <= 2) {
        const at = reader.span();
        const text = isUtf8(bytes, at, reader.at)
          ? bytes.slice(at, reader.at)
          : mendedUtf8(bytes, at, reader.at);
        if (reader.field === 1) name = text;
        else version = text;
      } else reader.skip();
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  return { name, version };
}

/** Values by bytes. */
class ByteMap<Value> {
  readonly #buckets = new Map<number, { readonly key: Uint8Array; readonly value: Value }[]>();
  #size = 0;
  /** Requests mostly come from the same few processes in turn. */
  #last: { readonly key: Uint8Array; readonly value: Value } | null = null;

  get(bytes: Uint8Array, from: number, to: number): Value | undefined {
    if (this.#last !== null && equals(this.#last.key, bytes, from, to)) return this.#last.value;
    const found = this.#buckets
      .get(hashOf(bytes, from, to))
      ?.find((entry) => equals(entry.key, bytes, from, to));
    if (found !== undefined) this.#last = found;
    return found?.value;
  }

  set(bytes: Uint8Array, from: number, to: number, value: Value): Value {
    if (this.#size >= MOST) {
      this.#buckets.clear();
      this.#size = 0;
    }
    const entry = { key: bytes.slice(from, to), value };
    const hash = hashOf(bytes, from, to);
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) this.#buckets.set(hash, [entry]);
    else bucket.push(entry);
    this.#size++;
    this.#last = entry;
    return value;
  }
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash;
}

function equals(key: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (key.length !== to - from) return false;
  for (let at = 0; at < key.length; at++) if (key[at] !== bytes[from + at]) return false;
  return true;
}
