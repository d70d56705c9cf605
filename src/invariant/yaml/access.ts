/** Reading values out of YAML that may or may not have the right shape: what does not fit is simply not there. */
import type { YamlList, YamlMap, YamlNode, YamlScalar } from './read-yaml.ts';

/** The value behind a key, or null. */
export function valueAt(map: YamlMap, key: string): YamlNode | null {
  return map.entries.find((entry) => entry.name === key)?.value ?? null;
}

export function mapOf(node: YamlNode | null): YamlMap | null {
  return node?.kind === 'map' ? node : null;
}

export function listOf(node: YamlNode | null): YamlList | null {
  return node?.kind === 'list' ? node : null;
}

/** A scalar that is text, with the text. */
export function textOf(node: YamlNode | null): { readonly node: YamlScalar; readonly text: string } | null {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? { node, text: node.value } : null;
}

/** The text of a scalar, or null. */
export function plainText(node: YamlNode | null): string | null {
  return textOf(node)?.text ?? null;
}

/** Texts of a list; items that are none are left out. */
export function textsOf(node: YamlNode | null): string[] {
  return (listOf(node)?.items ?? []).flatMap((item) => plainText(item) ?? []);
}

export type PlainValue = string | number | bigint | boolean;

/** Text, number or boolean, or null. */
export function plainValue(node: YamlNode): PlainValue | null {
  return node.kind === 'scalar' && !(node.value instanceof Uint8Array) ? node.value : null;
}
