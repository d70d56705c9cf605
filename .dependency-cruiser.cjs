/**
 * Which folder may import which. Imports go from a higher layer to a lower one, never back and never sideways, so that any
 * layer can be read, tested and moved with only those below it.
 */
const LAYERS = [
  ['base'],
  ['diagnostic', 'trace'],
  ['language', 'otlp', 'document'],
  ['invariant', 'archive'],
  ['engine'],
  ['signal', 'history', 'delta', 'spec', 'atlas'],
  ['receiver', 'notify', 'report'],
  ['server'],
  ['cli'],
];

const REASONS = {
  base: 'leaf code without a domain: anything may stand on it, so it stands on nothing',
  diagnostic: 'everything reports through it, so it must know nothing of what is reported',
  trace: 'the model of a span is shared by all readers and all evaluators',
  language: 'the playground in the browser runs this very code',
  otlp: 'wire formats know spans, not rules',
  document: 'typed documents know positions, not meanings',
  invariant: 'rule files are loaded by tools that have no engine',
  archive: 'stored spans are read by tools that have no engine',
  engine: 'a pure function of state and span: no files, no reports, no rule files',
  signal: 'grouping and triage see verdicts, not where they came from or go to',
  history: 'replays see spans and verdicts through interfaces, not files or terminals',
  receiver: 'ways in know nothing of ways out',
  notify: 'ways out know nothing of ways in',
  report: 'a reporter prints what it is given',
  server: 'wires the parts; nothing below may depend on the wiring',
};

const forbidden = [];
LAYERS.forEach((folders, level) => {
  for (const folder of folders) {
    const others = [...LAYERS.slice(level).flat()].filter((name) => name !== folder);
    if (others.length === 0) continue;
    forbidden.push({
      name: `${folder}-imports-only-lower-layers`,
      comment: REASONS[folder] ?? 'imports go from a higher layer to a lower one only',
      severity: 'error',
      from: { path: `^src/${folder}/`, pathNot: '\\.test\\.ts$' },
      to: { path: `^src/(${others.join('|')})/` },
    });
  }
});

module.exports = {
  forbidden: [
    ...forbidden,
    {
      name: 'no-node-in-the-core',
      comment: 'language, trace, engine and what they stand on run in the browser',
      severity: 'error',
      from: { path: '^src/(base|diagnostic|trace|language|engine)/', pathNot: '\\.(long\\.)?test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-cycles',
      comment: 'a cycle cannot be read from either end',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'only-known-packages-in-the-program',
      comment: 'what the program imports is built into dist/ and passed on, or installed beside it: two packages each, and nothing else by accident',
      severity: 'error',
      from: { path: '^src/', pathNot: '(\\.test\\.ts$|/testing/)' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown'],
        pathNot: '^node_modules/(yaml|re2js|@duckdb/node-api|@grpc/grpc-js)/',
      },
    },
    {
      name: 'resolvable',
      comment: 'an import that resolves to nothing fails at run time',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.mjs', '.js', '.json'] },
  },
};
