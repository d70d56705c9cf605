/** `fluo.yaml`: the nearest one from the current folder upwards, or the one that `--config` names. */
import { dirname, join } from 'node:path';
import type { Nanos } from '../base/nanos.ts';
import type { Diagnostic, SourceText } from '../diagnostic/diagnostic.ts';
import { DEFAULT_JUDGE_SETTINGS } from '../engine/verdict.ts';
import { DEFAULT_CLOSING_LIMITS } from '../history/check/closing-limits.ts';
import { checkShape } from '../invariant/shape/check-shape.ts';
import { readYaml, type YamlNode } from '../invariant/yaml/read-yaml.ts';
import { type Invocation, optionValue } from './arguments.ts';
import { CONFIGURATION_SHAPE } from './configuration-shape.ts';
import { readGivenText, readText } from './files.ts';
import type { Io } from './io.ts';
import { pathFrom, shownPath } from './paths.ts';
import {
  DEFAULT_SERVE_CONFIGURATION,
  type ServeConfiguration,
  serveConfigurationOf,
  serveConfigurationProblems,
} from './serve-configuration.ts';
import { YamlSettings } from './yaml-settings.ts';

const CONFIGURATION_FILE = 'fluo.yaml';

export interface Configuration {
  /** Absolute path of the file; null where there is none and all is by default. */
  readonly path: string | null;
  /** Absolute paths of rule files and folders, with their places in the file; null: not set. */
  readonly rules: readonly ConfiguredPath[] | null;
  readonly environment: string | null;
  readonly clockSkew: Nanos;
  readonly clockResolution: Nanos;
  readonly sampling: boolean;
  readonly limits: ConfiguredLimits;
  /** Absolute path of the data folder; null: not set. */
  readonly data: string | null;
  readonly serve: ServeConfiguration;
  /** `notify:` as it stands in the file: the secrets that it points to are fetched by whoever needs them. */
  readonly notify: ConfiguredNode | null;
}

export interface ConfiguredNode {
  readonly source: SourceText;
  readonly node: YamlNode;
}

interface ConfiguredPath {
  readonly path: string;
  readonly source: SourceText;
  readonly range: { readonly start: number; readonly end: number };
}

interface ConfiguredLimits {
  readonly idle: Nanos;
  readonly idleAfterRoot: Nanos;
  readonly maxAge: Nanos;
  readonly maxSpans: number;
  readonly maxGroupAge: Nanos;
  readonly maxComparisons: number;
}

export const DEFAULT_CONFIGURATION: Configuration = {
  path: null,
  rules: null,
  environment: null,
  clockSkew: DEFAULT_JUDGE_SETTINGS.clockSkewNanos,
  clockResolution: DEFAULT_JUDGE_SETTINGS.clockResolutionNanos,
  sampling: DEFAULT_JUDGE_SETTINGS.sampling,
  limits: {
    idle: DEFAULT_CLOSING_LIMITS.idle,
    idleAfterRoot: DEFAULT_CLOSING_LIMITS.idleAfterRoot,
    maxAge: DEFAULT_CLOSING_LIMITS.maxAge,
    maxSpans: DEFAULT_CLOSING_LIMITS.maxSpans,
    maxGroupAge: DEFAULT_JUDGE_SETTINGS.maxGroupAgeNanos,
    maxComparisons: DEFAULT_JUDGE_SETTINGS.maxComparisons,
  },
  data: null,
  serve: DEFAULT_SERVE_CONFIGURATION,
  notify: null,
};

interface ConfigurationReading {
  /** Null when the file has errors. */
  readonly configuration: Configuration | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Finds and reads the configuration of a command. */
export function loadConfiguration(io: Io, invocation: Invocation): ConfigurationReading {
  const given = optionValue(invocation, 'config');
  if (given !== null) {
    const reading = readGivenText(io, invocation, given);
    if (reading.text === null) return { configuration: null, diagnostics: reading.diagnostics };
    const path = pathFrom(io.cwd, given.value);
    return readConfiguration({ name: given.value, text: reading.text }, path);
  }
  const path = nearestConfiguration(io);
  if (path === null) return { configuration: DEFAULT_CONFIGURATION, diagnostics: [] };
  const name = shownPath(io.cwd, path);
  const reading = readText(io, path, name);
  if (reading.text === null) return { configuration: null, diagnostics: reading.diagnostics };
  return readConfiguration({ name, text: reading.text }, path);
}

/** Reads the text of a configuration that lies at `path`. */
export function readConfiguration(source: SourceText, path: string): ConfigurationReading {
  const { root, diagnostics: syntax } = readYaml(source);
  if (root === null) {
    const configuration = syntax.length === 0 ? { ...DEFAULT_CONFIGURATION, path } : null;
    return { configuration, diagnostics: syntax };
  }
  const diagnostics = [...syntax, ...checkShape(source, root, CONFIGURATION_SHAPE, '')];
  if (diagnostics.length > 0 || root.kind !== 'map') return { configuration: null, diagnostics };
  const settings = new YamlSettings(root);
  const problems = serveConfigurationProblems(source, settings);
  if (problems.length > 0) return { configuration: null, diagnostics: problems };
  return { configuration: configurationOf(source, settings, path), diagnostics: [] };
}

function nearestConfiguration(io: Io): string | null {
  for (let folder = io.cwd; ; folder = dirname(folder)) {
    const path = join(folder, CONFIGURATION_FILE);
    if (io.files.kindOf(path) === 'file') return path;
    if (dirname(folder) === folder) return null;
  }
}

function configurationOf(source: SourceText, root: YamlSettings, path: string): Configuration {
  const fallback = DEFAULT_CONFIGURATION;
  const limits = root.section('limits');
  const rules = root.node('rules');
  const data = root.text('data');
  const notify = root.node('notify');
  return {
    path,
    rules: rules?.kind === 'list' ? rules.items.flatMap((item) => configuredPath(source, item, path)) : null,
    environment: root.text('environment'),
    clockSkew: root.duration('clock_skew') ?? fallback.clockSkew,
    clockResolution: root.duration('clock_resolution') ?? fallback.clockResolution,
    sampling: root.boolean('sampling') ?? fallback.sampling,
    limits: {
      idle: limits.duration('idle') ?? fallback.limits.idle,
      idleAfterRoot: limits.duration('idle_after_root') ?? fallback.limits.idleAfterRoot,
      maxAge: limits.duration('max_age') ?? fallback.limits.maxAge,
      maxSpans: limits.number('max_spans') ?? fallback.limits.maxSpans,
      maxGroupAge: limits.duration('max_group_age') ?? fallback.limits.maxGroupAge,
      maxComparisons: limits.number('max_comparisons') ?? fallback.limits.maxComparisons,
    },
    data: data === null ? null : pathFrom(dirname(path), data),
    serve: serveConfigurationOf(root),
    notify: notify === null ? null : { source, node: notify },
  };
}

function configuredPath(source: SourceText, node: YamlNode, configuration: string): ConfiguredPath[] {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return [];
  return [{ path: pathFrom(dirname(configuration), node.value), source, range: node.range }];
}
