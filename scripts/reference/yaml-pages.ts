/** The YAML files that a person writes: rule files, rule tests, the configuration. Made from the shapes that the loaders check. */
import { CONFIGURATION_SHAPE } from '../../src/cli/configuration-shape.ts';
import { RULE_FILE_SHAPE } from '../../src/invariant/rule-file/shape.ts';
import { RULE_TEST_FILE_SHAPE } from '../../src/invariant/rule-test-file/shape.ts';
import type { MapShape, Shape } from '../../src/invariant/shape/shape.ts';
import { code, oneOf, page, table } from './markdown.ts';

export function ruleFilesPage(): string {
  return page([
    '# Rule files',
    'A rule file is YAML with the ending `.yaml` or `.yml`. Editors that know JSON Schema complete and check it while it is written: put ' +
      '`# yaml-language-server: $schema=https://raw.githubusercontent.com/fluohq/fluo/main/schema/rules.schema.json` on its first line.',
    ...mapParts(RULE_FILE_SHAPE, 'Keys of a rule file', 2),
    '# Rule tests',
    'Tests stand beside the rules, in files named `*.test.yaml`.',
    ...mapParts(RULE_TEST_FILE_SHAPE, 'Keys of a test file', 2),
  ]);
}

export function configurationPage(): string {
  return page([
    '# Configuration',
    'Fluo reads `fluo.yaml` of the current folder, or of the nearest one above it. `--config FILE` names another.',
    ...mapParts(CONFIGURATION_SHAPE, 'Keys of fluo.yaml', 2),
  ]);
}

/** A table of the map's keys, then one for each map below it. */
function mapParts(shape: MapShape, title: string, depth: number): string[] {
  const rows = Object.entries(shape.keys).map(([key, entry]) => {
    const needed = entry.required === true ? 'yes' : shape.oneOf?.includes(key) ? 'one of them' : '';
    return [code(key), kindOf(entry.shape), needed, `${entry.shape.description}${defaultOf(entry.shape)}`];
  });
  const parts = [
    `${'#'.repeat(Math.min(depth, 6))} ${title}`,
    shape.description,
    table(['key', 'value', 'required', 'meaning'], rows),
  ];
  if (shape.others !== undefined) {
    const { what, values, description } = shape.others;
    parts.push(`Any other key is ${what}: ${kindOf(values)}. ${description}`);
  }
  for (const [key, entry] of Object.entries(shape.keys)) {
    for (const inner of mapsIn(entry.shape))
      parts.push(...mapParts(inner, `Keys of ${code(key)}`, depth + 1));
  }
  return parts;
}

function mapsIn(shape: Shape): MapShape[] {
  switch (shape.kind) {
    case 'map':
      return [shape];
    case 'list':
      return mapsIn(shape.items);
    case 'record':
      return mapsIn(shape.values);
    case 'choice':
      return shape.options.flatMap(mapsIn);
    default:
      return [];
  }
}

function kindOf(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return shape.values !== undefined ? oneOf(shape.values) : (shape.what ?? 'text');
    case 'number':
      return shape.values !== undefined ? oneOf(shape.values) : shape.integer ? 'a whole number' : 'a number';
    case 'boolean':
      return oneOf(['true', 'false']);
    case 'scalar':
      return 'text, a number or a boolean';
    case 'list':
      return `a list of: ${kindOf(shape.items)}`;
    case 'map':
      return 'a map, below';
    case 'record':
      return `a map of names to: ${kindOf(shape.values)}`;
    case 'choice':
      return shape.options.map(kindOf).join(', or ');
  }
}

function defaultOf(shape: Shape): string {
  return 'default' in shape && shape.default !== undefined ? ` Default: ${code(String(shape.default))}.` : '';
}
