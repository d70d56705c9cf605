/** Reads settings from a YAML map that has passed its shape. What is not there is null: whoever asks has the default. */
import { parseBytes } from '../base/bytes.ts';
import { type Nanos, parseDuration } from '../base/nanos.ts';
import type { YamlNode } from '../invariant/yaml/read-yaml.ts';

export class YamlSettings {
  readonly #node: YamlNode | null;

  constructor(node: YamlNode | null) {
    this.#node = node;
  }

  node(name: string): YamlNode | null {
    if (this.#node?.kind !== 'map') return null;
    return this.#node.entries.find((entry) => entry.name === name)?.value ?? null;
  }

  has(name: string): boolean {
    return this.node(name) !== null;
  }

  section(name: string): YamlSettings {
    return new YamlSettings(this.node(name));
  }

  text(name: string): string | null {
    const node = this.node(name);
    return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : null;
  }

  number(name: string): number | null {
    const node = this.node(name);
    return node?.kind === 'scalar' && node.value !== null ? Number(node.value) : null;
  }

  boolean(name: string): boolean | null {
    const node = this.node(name);
    return node?.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : null;
  }

  duration(name: string): Nanos | null {
    return parseDuration(this.text(name) ?? '');
  }

  /** Whole milliseconds, at least one where it says more than none. */
  milliseconds(name: string): number | null {
    const nanos = this.duration(name);
    if (nanos === null) return null;
    return nanos === 0n ? 0 : Math.max(1, Number(nanos / 1_000_000n));
  }

  bytes(name: string): number | null {
    return parseBytes(this.text(name) ?? '');
  }

  texts(name: string): readonly string[] | null {
    const node = this.node(name);
    if (node?.kind !== 'list') return null;
    return node.items.flatMap((item) =>
      item.kind === 'scalar' && typeof item.value === 'string' ? [item.value] : [],
    );
  }

  /** Keys and texts of a map. */
  record(name: string): Readonly<Record<string, string>> {
    const node = this.node(name);
    if (node?.kind !== 'map') return {};
    return Object.fromEntries(
      node.entries.flatMap(({ name: key, value }) =>
        value.kind === 'scalar' ? [[key, String(value.value)]] : [],
      ),
    );
  }
}
