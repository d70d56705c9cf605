/** What a list of spans shares, as the archive stores it: found by the bytes of its resource and of its scope. */

import { LENGTH, WireError, WireReader } from '../../otlp/proto/wire-reader.ts';
import { GrowingBytes } from '../parquet/growing-bytes.ts';
import { hashBytes, isSame, viewOf } from './byte-hash.ts';
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

  #bytes: Uint8Array = NONE;
  #view: DataView = viewOf(NONE);

  constructor(json: ProtoJson) {
    this.#json = json;
  }

  /** The request that the next ranges are of; `json` must be reading it too. */
  read(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  /** Of the Resource message in a range; `from` is -1 where there is none. Of equal messages mostly the same object. */
  resourceOf(from: number, to: number): ResourceTexts {
    if (from < 0) return NO_RESOURCE;
    const hash = hashBytes(this.#bytes, this.#view, from, to);
    return (
      this.#resources.get(hash, this.#view, from, to) ??
      this.#resources.set(hash, this.#bytes.slice(from, to), this.#readResource(from, to))
    );
  }

  /** Of the InstrumentationScope message in a range. */
  scopeOf(from: number, to: number): ScopeTexts {
    if (from < 0) return NO_SCOPE;
    const hash = hashBytes(this.#bytes, this.#view, from, to);
    return (
      this.#scopes.get(hash, this.#view, from, to) ??
      this.#scopes.set(hash, this.#bytes.slice(from, to), readScope(this.#bytes, from, to))
    );
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
  readonly #buckets = new Map<number, Entry<Value>[]>();
  #size = 0;

  get(hash: number, view: DataView, from: number, to: number): Value | undefined {
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) return undefined;
    for (const entry of bucket) if (isSame(entry.key, view, from, to)) return entry.value;
    return undefined;
  }

  set(hash: number, key: Uint8Array, value: Value): Value {
    if (this.#size >= MOST) {
      this.#buckets.clear();
      this.#size = 0;
    }
    const entry = { key: viewOf(key), value };
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) this.#buckets.set(hash, [entry]);
    else bucket.push(entry);
    this.#size++;
    return value;
  }
}

interface Entry<Value> {
  readonly key: DataView;
  readonly value: Value;
}
