/** Holds a YAML value against a shape and says everything that differs. */
import { didYouMean, suggest } from '../../base/suggest.ts';
import type { Diagnostic, SourceText, TextRange } from '../../diagnostic/diagnostic.ts';
import type { YamlMap, YamlNode, YamlScalar } from '../yaml/read-yaml.ts';
import type { ListShape, MapShape, NumberShape, RecordShape, Shape, TextShape } from './shape.ts';

/**
 * All differences, in the order of the text. `name` is what messages call the value: the key it stands behind, or what the
 * file is.
 */
export function checkShape(source: SourceText, node: YamlNode, shape: Shape, name: string): Diagnostic[] {
  const checker = new ShapeChecker(source);
  checker.check(node, shape, name);
  return checker.diagnostics;
}

class ShapeChecker {
  readonly diagnostics: Diagnostic[] = [];
  readonly #source: SourceText;

  constructor(source: SourceText) {
    this.#source = source;
  }

  check(node: YamlNode, shape: Shape, name: string): void {
    if (node.kind === 'scalar' && node.refused === true) return;
    switch (shape.kind) {
      case 'text':
        this.#text(node, shape, name);
        return;
      case 'number':
        this.#number(node, shape, name);
        return;
      case 'boolean':
        if (node.kind !== 'scalar' || typeof node.value !== 'boolean') {
          this.#wrongType(node, name, 'true or false', 'write `true` or `false`, without quotes');
        }
        return;
      case 'scalar':
        if (node.kind !== 'scalar' || node.value === null || node.value instanceof Uint8Array) {
          this.#wrongType(node, name, 'text, a number or a boolean', 'write one value here');
        }
        return;
      case 'list':
        this.#list(node, shape, name);
        return;
      case 'map':
        this.#map(node, shape, name);
        return;
      case 'record':
        if (node.kind === 'map') this.#record(node, shape, name);
        else this.#wrongType(node, name, 'a map', `write keys and values below \`${name}:\`, indented`);
        return;
      case 'choice': {
        const option = shape.options.find((candidate) => fits(node, candidate));
        if (option !== undefined) this.check(node, option, name);
        else {
          const kinds = shape.options.map(kindName).join(' or ');
          this.#wrongType(node, name, kinds, `write ${kinds} behind \`${name}:\``);
        }
      }
    }
  }

  #text(node: YamlNode, shape: TextShape, name: string): void {
    if (node.kind !== 'scalar' || typeof node.value !== 'string') {
      const raw = node.kind === 'scalar' ? node.raw : '';
      const what = shape.what ?? 'text';
      // Quotes help only what would then be right.
      const isRight = raw !== '' && (shape.pattern?.test(raw) ?? shape.values?.includes(raw) ?? true);
      const help = isRight
        ? `put it in quotes: \`"${raw}"\``
        : node.kind === 'map'
          ? `write ${what}: one with \`: \` or braces in it stands in quotes, or below a \`|\`, or YAML reads a map`
          : `write ${what} behind \`${name}:\`, or leave the key out`;
      this.#wrongType(node, name, what, help);
      return;
    }
    const { value } = node;
    if (shape.values !== undefined && !shape.values.includes(value)) {
      const near = didYouMean(value, shape.values);
      this.#report(
        'FL307',
        node.range,
        `\`${name}\` knows no \`${value}\``,
        near || `write one of ${oneOf(shape.values)}`,
        [`it is one of ${oneOf(shape.values)}`],
      );
    } else if (shape.pattern !== undefined && !shape.pattern.test(value)) {
      const what = shape.what ?? 'a text that is not empty';
      const found = value.trim() === '' ? 'an empty text' : `\`${shorten(value)}\``;
      this.#report('FL308', node.range, `\`${name}\` expects ${what}, and found ${found}`, `write ${what}`);
    }
  }

  #number(node: YamlNode, shape: NumberShape, name: string): void {
    const value = node.kind === 'scalar' ? node.value : null;
    const what = shape.integer ? 'a whole number' : 'a number';
    if (
      (typeof value !== 'number' && typeof value !== 'bigint') ||
      (shape.integer && !Number.isInteger(Number(value)))
    ) {
      this.#wrongType(node, name, what, `write ${what}, without quotes and units`);
    } else if (shape.values !== undefined && !shape.values.includes(Number(value))) {
      this.#report(
        'FL307',
        node.range,
        `\`${name}\` knows no \`${value}\``,
        `write ${oneOf(shape.values.map(String))}`,
      );
    } else if (shape.minimum !== undefined && value < shape.minimum) {
      this.#report(
        'FL308',
        node.range,
        `\`${name}\` is at least ${shape.minimum}, and found ${value}`,
        `write ${what} from ${shape.minimum} on`,
      );
    }
  }

  #list(node: YamlNode, shape: ListShape, name: string): void {
    if (node.kind !== 'list') {
      const bracketed = node.kind === 'scalar' && node.raw !== '' && node.style !== 'block';
      this.#wrongType(
        node,
        name,
        'a list',
        bracketed
          ? `put it in brackets: \`[${node.raw}]\``
          : `write a list: \`[...]\`, or a line with a dash for each item`,
      );
      return;
    }
    if (node.items.length < shape.atLeast) {
      this.#report(
        'FL308',
        node.range,
        `\`${name}\` is empty, and needs at least ${shape.atLeast === 1 ? 'one item' : `${shape.atLeast} items`}`,
        'add an item, or leave the key out',
      );
    }
    for (const item of node.items) this.check(item, shape.items, name);
  }

  #map(node: YamlNode, shape: MapShape, name: string): void {
    if (node.kind !== 'map') {
      this.#wrongType(
        node,
        name,
        'a map',
        `write \`key: value\` with the keys ${oneOf(Object.keys(shape.keys))}`,
      );
      return;
    }
    const known = Object.keys(shape.keys);
    // A key that is there under a misspelt name is not reported as missing too.
    const misspelt = new Set<string>();
    for (const entry of node.entries) {
      const key = Object.hasOwn(shape.keys, entry.name) ? shape.keys[entry.name] : undefined;
      if (key !== undefined) this.check(entry.value, key.shape, entry.name);
      else if (shape.others !== undefined) this.#named(entry.key, entry.name, entry.value, shape.others);
      else {
        const near = didYouMean(entry.name, known);
        for (const meant of suggest(entry.name, known)) misspelt.add(meant);
        this.#report(
          'FL304',
          entry.key.range,
          `${name === '' ? 'the file' : `\`${name}\``} knows no key \`${entry.name}\``,
          near || 'remove it, or write one of the known keys',
          [`known are ${oneOf(known)}`],
        );
      }
    }
    const written = new Set(node.entries.map((entry) => entry.name));
    for (const [key, { required }] of Object.entries(shape.keys)) {
      if (required === true && !written.has(key) && !misspelt.has(key)) {
        this.#report('FL305', startOf(node), `${subject(node, name)} has no \`${key}\``, `add \`${key}:\``);
      }
    }
    if (shape.oneOf !== undefined && shape.oneOf.filter((key) => written.has(key)).length !== 1) {
      const several = shape.oneOf.some((key) => written.has(key));
      this.#report(
        'FL305',
        startOf(node),
        `${subject(node, name)} ${several ? 'has more than one of' : 'has none of'} ${oneOf(shape.oneOf)}`,
        'write exactly one of them',
      );
    }
  }

  #record(node: YamlMap, shape: RecordShape, name: string): void {
    void name;
    for (const entry of node.entries) this.#named(entry.key, entry.name, entry.value, shape);
  }

  #named(key: YamlScalar, name: string, value: YamlNode, shape: RecordShape): void {
    if (!shape.name.test(name)) {
      this.#report('FL308', key.range, `\`${name}\` is not ${shape.what}`, `write ${shape.what}`);
    }
    this.check(value, shape.values, name);
  }

  #wrongType(node: YamlNode, name: string, expected: string, help: string): void {
    const range =
      node.range.end > node.range.start
        ? node.range
        : { start: Math.max(0, node.range.start - 1), end: node.range.start };
    const whole =
      node.kind === 'scalar' ? range : { start: range.start, end: Math.min(range.end, range.start + 1) };
    this.#report('FL306', whole, `\`${name}\` expects ${expected}, and found ${found(node)}`, help);
  }

  #report(
    code: Diagnostic['code'],
    range: TextRange,
    message: string,
    help: string,
    notes: readonly string[] = [],
  ): void {
    this.diagnostics.push({
      code,
      severity: 'error',
      message,
      source: this.#source,
      range,
      ...(notes.length > 0 ? { notes } : {}),
      help,
    });
  }
}

function fits(node: YamlNode, shape: Shape): boolean {
  switch (shape.kind) {
    case 'list':
      return node.kind === 'list';
    case 'map':
    case 'record':
      return node.kind === 'map';
    default:
      return node.kind === 'scalar';
  }
}

function kindName(shape: Shape): string {
  return shape.kind === 'map' || shape.kind === 'record'
    ? 'a map'
    : shape.kind === 'list'
      ? 'a list'
      : 'text';
}

/** A map as messages call it: by its `id` or `name`, where it has one. */
function subject(node: YamlMap, name: string): string {
  for (const key of ['id', 'name']) {
    const entry = node.entries.find((candidate) => candidate.name === key)?.value;
    if (entry?.kind === 'scalar' && typeof entry.value === 'string') return `\`${entry.value}\``;
  }
  return name === '' ? 'the file' : `an entry of \`${name}\``;
}

function startOf(node: YamlMap): TextRange {
  const [first] = node.entries;
  return first === undefined ? node.range : first.key.range;
}

function found(node: YamlNode): string {
  if (node.kind !== 'scalar') return node.kind === 'list' ? 'a list' : 'a map';
  if (node.value === null) return node.raw === '' ? 'nothing' : `\`${node.raw}\`, which is no value in YAML`;
  if (typeof node.value === 'string') return `the text \`${shorten(node.value)}\``;
  return typeof node.value === 'boolean' ? `the boolean \`${node.raw}\`` : `the number \`${node.raw}\``;
}

function shorten(text: string): string {
  const [line = ''] = text.trim().split('\n', 1);
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

function oneOf(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
