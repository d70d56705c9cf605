/** Reads `notify:` of `fluo.yaml`, which has been held against its shape, and fetches the secrets that it points to. */
import type { Diagnostic, SourceText, TextRange } from '../diagnostic/diagnostic.ts';
import { RULE_SEVERITIES, type RuleSeverity } from '../invariant/rule.ts';
import type { YamlMap, YamlNode } from '../invariant/yaml/read-yaml.ts';
import type { Receiver } from './receiver.ts';

/** Where secrets come from. */
export interface Secrets {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file, its path as written; null when it cannot be read. */
  readFile(path: string): string | null;
}

export interface ReceiversReading {
  /** Empty when there are errors. */
  readonly receivers: readonly Receiver[];
  readonly diagnostics: readonly Diagnostic[];
}

export function readReceivers(source: SourceText, node: YamlNode | null, secrets: Secrets): ReceiversReading {
  const reader = new ReceiverReader(source, secrets);
  const items = node?.kind === 'list' ? node.items : [];
  const receivers = items.flatMap((item) => (item.kind === 'map' ? reader.read(item) : []));
  return { receivers: reader.diagnostics.length === 0 ? receivers : [], diagnostics: reader.diagnostics };
}

const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

class ReceiverReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #source: SourceText;
  readonly #secrets: Secrets;
  readonly #names = new Set<string>();

  constructor(source: SourceText, secrets: Secrets) {
    this.#source = source;
    this.#secrets = secrets;
  }

  read(map: YamlMap): Receiver[] {
    const name = textOf(map, 'name') ?? '';
    if (this.#names.has(name)) {
      this.#object(
        'FL862',
        rangeOf(map, 'name'),
        `two receivers are named \`${name}\``,
        'give each a name of its own',
      );
    }
    this.#names.add(name);
    const isSlack = textOf(map, 'type') === 'slack';
    const url = this.#url(map);
    const secret = this.#secret(map, 'secret_env', 'secret_file');
    const headers = this.#headers(map);
    if (isSlack) this.#webhookOnly(map);
    const severity = RULE_SEVERITIES.find((one) => one === textOf(map, 'min_severity'));
    if (url === null) return [];
    const common = {
      name,
      url,
      minSeverity: severity ?? ('low' satisfies RuleSeverity),
      sendRetractions: booleanOf(map, 'send_retractions') ?? true,
      sendResolved: booleanOf(map, 'send_resolved') ?? false,
      sendAuditOnly: booleanOf(map, 'send_audit_only') ?? true,
    };
    return [isSlack ? { ...common, type: 'slack' } : { ...common, type: 'webhook', headers, secret }];
  }

  #url(map: YamlMap): string | null {
    const direct = textOf(map, 'url');
    const text = direct ?? this.#secret(map, 'url_env', 'url_file');
    if (text === null) return null;
    const key = ['url', 'url_env', 'url_file'].find((one) => nodeOf(map, one) !== null) ?? 'url';
    // What was fetched is a secret: the message does not repeat it.
    const isAddress = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
    if (!isAddress) {
      const message =
        direct === null
          ? `what \`${key}\` points to is no address of a webhook`
          : `\`${text}\` is no address of a webhook`;
      this.#object('FL861', rangeOf(map, key), message, 'it begins with `https://`, and is copied whole');
      return null;
    }
    const { username, password } = new URL(text);
    if (username !== '' || password !== '') {
      const message = `the address of \`${key}\` has a user or a password in it`;
      this.#object(
        'FL861',
        rangeOf(map, key),
        message,
        'send them as a header: `headers_env: { Authorization: NAME }`',
      );
      return null;
    }
    return text;
  }

  /** The text that one of the two keys points to; null where neither is there, or nothing is behind it. */
  #secret(map: YamlMap, envKey: string, fileKey: string): string | null {
    const variable = textOf(map, envKey);
    if (variable !== null) return this.#fromEnvironment(variable, rangeOf(map, envKey));
    const path = textOf(map, fileKey);
    if (path === null) return null;
    const text = this.#secrets.readFile(path)?.trim() ?? '';
    if (text !== '') return text;
    const message = `the file \`${path}\` of \`${fileKey}\` cannot be read, or is empty`;
    this.#object('FL860', rangeOf(map, fileKey), message, 'write the secret into it, and let Fluo read it');
    return null;
  }

  #fromEnvironment(variable: string, range: TextRange): string | null {
    const text = this.#secrets.env[variable]?.trim() ?? '';
    if (text !== '') return text;
    const message = `the environment variable \`${variable}\` is not set`;
    this.#object('FL860', range, message, `set \`${variable}\` where Fluo runs`);
    return null;
  }

  #headers(map: YamlMap): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {};
    for (const { name, value } of entriesOf(map, 'headers')) headers[name.toLowerCase()] = value;
    for (const { name, value, range } of entriesOf(map, 'headers_env')) {
      const text = this.#fromEnvironment(value, range);
      if (text !== null) headers[name.toLowerCase()] = text;
    }
    for (const [name, value] of Object.entries(headers)) {
      if (HEADER_VALUE.test(value)) continue;
      const message = `the value of the header \`${name}\` has characters that no header can have`;
      const key = nodeOf(map, 'headers') === null ? 'headers_env' : 'headers';
      this.#object('FL863', rangeOf(map, key), message, 'write it on one line, in ASCII');
    }
    return headers;
  }

  #webhookOnly(map: YamlMap): void {
    for (const key of ['headers', 'headers_env', 'secret_env', 'secret_file']) {
      if (nodeOf(map, key) === null) continue;
      const message = `\`${key}\` is of a \`webhook\`, and this receiver is a \`slack\``;
      this.#object('FL862', rangeOf(map, key), message, `leave \`${key}\` out, or write \`type: webhook\``);
    }
  }

  #object(code: Diagnostic['code'], range: TextRange, message: string, help: string): void {
    this.diagnostics.push({ code, severity: 'error', message, source: this.#source, range, help });
  }
}

function nodeOf(map: YamlMap, name: string): YamlNode | null {
  return map.entries.find((entry) => entry.name === name)?.value ?? null;
}

function rangeOf(map: YamlMap, name: string): TextRange {
  return nodeOf(map, name)?.range ?? map.range;
}

function textOf(map: YamlMap, name: string): string | null {
  const node = nodeOf(map, name);
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : null;
}

function booleanOf(map: YamlMap, name: string): boolean | null {
  const node = nodeOf(map, name);
  return node?.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : null;
}

function entriesOf(
  map: YamlMap,
  name: string,
): { readonly name: string; readonly value: string; readonly range: TextRange }[] {
  const node = nodeOf(map, name);
  if (node?.kind !== 'map') return [];
  return node.entries.flatMap((entry) =>
    entry.value.kind === 'scalar' && typeof entry.value.value === 'string'
      ? [{ name: entry.name, value: entry.value.value, range: entry.value.range }]
      : [],
  );
}
