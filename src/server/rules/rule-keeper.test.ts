import { describe, expect, it } from 'vitest';
import type { Diagnostic, SourceText } from '../../diagnostic/diagnostic.ts';
import { DEFAULT_JUDGE_SETTINGS } from '../../engine/verdict.ts';
import { readProtoRequest } from '../../otlp/proto/trace-request.ts';
import { SpanSink } from '../../otlp/span-sink.ts';
import type { Span } from '../../trace/span.ts';
import type { ServerClock } from '../clock.ts';
import { ownTelemetry } from '../own-telemetry.ts';
import { type ReloadOutcome, RuleKeeper } from './rule-keeper.ts';
import type { RuleSet } from './rule-set.ts';
import type { UnreadPlace } from './rule-source.ts';

const DAY = 86_400_000;

/** Files, watchers and time that a test moves. */
function world(files: Record<string, string>) {
  const state = {
    files,
    now: Date.UTC(2026, 5, 1, 12),
    problems: [] as Diagnostic[],
    unread: [] as UnreadPlace[],
  };
  /** How often watching began. */
  let watches = 0;
  const timers = new Set<{ at: number; callback: () => void }>();
  let changed = () => {};
  const clock: ServerClock = {
    wall: () => state.now,
    monotonic: () => state.now,
    after(milliseconds, callback) {
      const timer = { at: state.now + milliseconds, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  const sent: Span[] = [];
  const telemetry = ownTelemetry({
    settings: { endpoint: 'http://collector/v1/traces', headers: {}, ratio: 1 },
    clock,
    version: '1',
    random: () => 0,
    bytes: (count) => new Uint8Array(count).fill(7),
    post: async (body) => {
      const sink = new SpanSink();
      readProtoRequest(sink, body);
      sent.push(...sink.spans);
      return true;
    },
    onOutcome: () => {},
  });
  const changes: { outcome: ReloadOutcome; meaning: boolean; ids: string[] }[] = [];
  const keeper = new RuleKeeper({
    settings: DEFAULT_JUDGE_SETTINGS,
    clock,
    telemetry,
    source: {
      read: () => ({
        files: Object.entries(state.files).map(([name, text]): SourceText => ({ name, text })),
        paths: ['/rules'],
        problems: state.problems,
        unread: state.unread,
      }),
      watch: (_paths, listener) => {
        changed = listener;
        watches++;
        return () => {
          if (changed === listener) changed = () => {};
        };
      },
    },
    onChange: (set, outcome, meaning) => changes.push({ outcome, meaning, ids: idsOf(set) }),
  });
  const pass = (milliseconds: number) => {
    const end = state.now + milliseconds;
    for (;;) {
      const due = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      timers.delete(due);
      state.now = Math.max(state.now, due.at);
      due.callback();
    }
    state.now = end;
  };
  return {
    state,
    pass,
    keeper,
    changes,
    watches: () => watches,
    /** Spans of Fluo itself. */
    async sent() {
      await telemetry.stop();
      return sent.map(({ name, status, attributes }) => ({
        name,
        status,
        ...Object.fromEntries(attributes),
      }));
    },
    /** As an editor does. */
    save(edited: Record<string, string>) {
      state.files = edited;
      changed();
      pass(1_000);
    },
    start() {
      const set = keeper.loadFirst();
      keeper.watch();
      return set;
    },
  };
}

function idsOf(set: RuleSet): string[] {
  return set.rules.map(({ rule }) => rule.id);
}

function file(...rules: string[]): string {
  return `rules:\n${rules.map((rule) => `  - ${rule}\n`).join('')}`;
}

const A = '{ id: a, name: A, condition: "pay and check" }';
const B = '{ id: b, name: B, condition: "ship and pack" }';
const BROKEN = '{ id: b, name: B, condition: "ship and and" }';

describe('RuleKeeper', () => {
  it('loads what is there, and nothing of a file with an error', () => {
    const { start } = world({ 'a.yaml': file(A), 'b.yaml': file(BROKEN) });
    const set = start();
    expect(idsOf(set)).toEqual(['a']);
    expect(set.broken).toEqual([{ name: 'b.yaml', errors: expect.any(Number), keptRules: 0 }]);
  });

  it('loads a change, of which it is told', () => {
    const { start, save, changes } = world({ 'a.yaml': file(A) });
    start();
    save({ 'a.yaml': file(A, B) });
    expect(changes).toEqual([{ outcome: 'loaded', meaning: true, ids: ['a', 'b'] }]);
  });

  it('shows each reload in a span, and no reading that finds nothing new', async () => {
    const { start, save, pass, sent } = world({ 'a.yaml': file(A) });
    start();
    pass(60_000);
    save({ 'a.yaml': file(A, B) });
    save({ 'a.yaml': file(A, BROKEN) });
    pass(60_000);
    expect(await sent()).toEqual([
      {
        name: 'reload rules',
        status: 'unset',
        'fluo.outcome': 'loaded',
        'fluo.rules': 2,
        'fluo.files': 1,
        'fluo.broken_files': 0,
      },
      {
        name: 'reload rules',
        status: 'error',
        'fluo.outcome': 'errors',
        'fluo.rules': 2,
        'fluo.files': 1,
        'fluo.broken_files': 1,
      },
    ]);
  });

  it('finds a change of which nobody tells it', () => {
    const { start, pass, state, changes } = world({ 'a.yaml': file(A) });
    start();
    state.files = { 'a.yaml': file(B) };
    pass(10_000);
    expect(changes).toEqual([{ outcome: 'loaded', meaning: true, ids: ['b'] }]);
    pass(60_000);
    expect(changes).toHaveLength(1);
  });

  it('keeps the rules of a file that an edit broke, and takes the others', () => {
    const { start, save, changes, keeper } = world({ 'a.yaml': file(A), 'b.yaml': file(B) });
    start();
    save({ 'a.yaml': file(A.replace('check', 'verify')), 'b.yaml': file(BROKEN) });
    expect(changes).toEqual([{ outcome: 'errors', meaning: true, ids: ['a', 'b'] }]);
    expect(keeper.current.broken).toMatchObject([{ name: 'b.yaml', keptRules: 1 }]);
    expect(keeper.current.rules[0]?.written.condition.source.text).toBe('pay and verify');
    save({ 'a.yaml': file(A), 'b.yaml': file(B.replace('pack', 'wrap')) });
    expect(changes[1]).toEqual({ outcome: 'loaded', meaning: true, ids: ['a', 'b'] });
    expect(keeper.current.broken).toEqual([]);
  });

  it('keeps all rules while a folder cannot be read', () => {
    const { start, save, changes, state, keeper } = world({ 'rules/a.yaml': file(A) });
    start();
    const problem: Diagnostic = { code: 'FL711', severity: 'error', message: 'locked', help: 'look' };
    state.problems = [problem];
    state.unread = [{ name: 'rules', isAbsent: false, problem }];
    save({ 'b.yaml': file(B) });
    expect(changes).toMatchObject([{ outcome: 'errors', meaning: true, ids: ['b', 'a'] }]);
    expect(keeper.current.broken).toEqual([{ name: 'rules', errors: 1, keptRules: 1 }]);
    // What is not in that folder was taken away.
    save({});
    expect(changes[1]).toMatchObject({ outcome: 'errors', meaning: true, ids: ['a'] });
  });

  it('keeps all rules while their folder is not there, and watches it when it is back', () => {
    const { start, pass, save, changes, state, keeper, watches } = world({ 'rules/a.yaml': file(A, B) });
    start();
    expect(watches()).toBe(1);
    state.unread = [{ name: 'rules', isAbsent: true, problem: null }];
    save({});
    expect(changes).toEqual([{ outcome: 'errors', meaning: false, ids: ['a', 'b'] }]);
    expect(keeper.current.broken).toEqual([{ name: 'rules', errors: 1, keptRules: 2 }]);
    expect(keeper.current.diagnostics).toMatchObject([
      { code: 'FL815', severity: 'error', help: expect.stringContaining('put it back') },
    ]);
    // Nobody tells of it: the watch ended with the folder.
    state.unread = [];
    state.files = { 'rules/a.yaml': file(A, B) };
    const before = watches();
    pass(10_000);
    expect(watches()).toBe(before + 1);
    expect(changes[1]).toEqual({ outcome: 'unchanged', meaning: false, ids: ['a', 'b'] });
    expect(keeper.current.broken).toEqual([]);
    save({});
    expect(changes[2]).toEqual({ outcome: 'loaded', meaning: true, ids: [] });
  });

  it('watches a folder that was not there and is made, empty', () => {
    const { start, pass, state, watches } = world({});
    state.unread = [{ name: 'rules', isAbsent: true, problem: null }];
    expect(start().broken).toEqual([]);
    state.unread = [];
    pass(10_000);
    expect(watches()).toBe(2);
  });

  it('lets a rule move into another file while its old one is broken', () => {
    const { start, save, keeper } = world({
      'a.yaml': file(A, B),
      'c.yaml': file('{ id: c, name: C, condition: "x and y" }'),
    });
    start();
    save({ 'a.yaml': file('{ id: a, name: A, condition: "(" }'), 'c.yaml': file(B) });
    // The old text of a.yaml has b as well: it comes first, and c.yaml keeps what it gave before.
    expect(idsOf(keeper.current)).toEqual(['a', 'b', 'c']);
    expect(keeper.current.broken.map(({ name }) => name)).toEqual(['a.yaml']);
  });

  it.each(['a-new.yaml', 'z-new.yaml'])(
    'blames an id that is there twice on the file that is new: %s',
    (name) => {
      const { start, save, keeper } = world({ 'moved.yaml': file(A, B) });
      start();
      const twice = { [name]: file(B.replace('pack', 'wrap')), 'moved.yaml': file(A, B) };
      save(twice);
      expect(idsOf(keeper.current)).toEqual(['a', 'b']);
      expect(keeper.current.rules[1]?.written.condition.source.text).toBe('ship and pack');
      expect(keeper.current.broken).toEqual([{ name, errors: 1, keptRules: 0 }]);
      // Another edit does not make it the older one.
      save({ ...twice, 'other.yaml': file('{ id: c, name: C, condition: "x and y" }') });
      expect(idsOf(keeper.current)).toEqual(['a', 'b', 'c']);
      expect(keeper.current.broken.map((one) => one.name)).toEqual([name]);
      save({ [name]: file(B), 'moved.yaml': file(A) });
      expect(keeper.current.broken).toEqual([]);
      expect(keeper.current.rules.map(({ written }) => written.file.name).sort()).toEqual(
        [name, 'moved.yaml'].sort(),
      );
    },
  );

  it('blames an id that is there twice on the file that an edit took it into', () => {
    const { start, save, keeper } = world({ 'a.yaml': file(A), 'b.yaml': file(B) });
    start();
    save({ 'a.yaml': file(A, B), 'b.yaml': file(B) });
    expect(keeper.current.broken).toEqual([{ name: 'a.yaml', errors: 1, keptRules: 1 }]);
    expect(idsOf(keeper.current)).toEqual(['a', 'b']);
  });

  it('blames the later file at the first reading', () => {
    const set = world({ 'a.yaml': file(A), 'b.yaml': file(A, B) }).start();
    expect(idsOf(set)).toEqual(['a']);
    expect(set.broken).toEqual([{ name: 'b.yaml', errors: 1, keptRules: 0 }]);
  });

  it('takes a rule away when its file goes', () => {
    const { start, save, changes } = world({ 'a.yaml': file(A), 'b.yaml': file(B) });
    start();
    save({ 'a.yaml': file(A) });
    expect(changes).toEqual([{ outcome: 'loaded', meaning: true, ids: ['a'] }]);
  });

  it('does not tell the engine of comments, names and severities', () => {
    const { start, save, changes, keeper } = world({ 'a.yaml': file(A) });
    start();
    save({
      'a.yaml': `# said\n${file('{ id: a, name: Another, severity: high, condition: "pay   and check" }')}`,
    });
    expect(changes).toEqual([{ outcome: 'unchanged', meaning: false, ids: ['a'] }]);
    expect(keeper.current.rules[0]?.written.severity).toBe('high');
  });

  it('knows by its version what changes a verdict', () => {
    const versions = (text: string) =>
      world({ 'a.yaml': text })
        .start()
        .rules.map(({ version }) => version);
    const plain = versions(file(A));
    expect(versions(file(A))).toEqual(plain);
    for (const more of ['on_incomplete: judge', 'environments: [production]']) {
      expect(versions(file(A.replace(' }', `, ${more} }`)))).not.toEqual(plain);
    }
    const macros = (macro: string, name: string) =>
      versions(
        `macros: { ${name}: "${macro}" }\nrules:\n  - { id: a, name: A, condition: "pay and $${name}" }\n`,
      );
    expect(macros('check', 'one')).toEqual(macros('check', 'two'));
    expect(macros('check', 'one')).not.toEqual(macros('verify', 'one'));
  });

  it('lets an exception expire at midnight', () => {
    const text = `rules:
  - id: a
    name: A
    condition: pay and check
    exceptions:
      - { name: known, fields: [shop], values: [[7]], reason: is being mended, expires: 2026-06-02 }
`;
    const { start, pass, changes, keeper } = world({ 'a.yaml': text });
    const before = start();
    expect(before.rules[0]?.rule.exceptions).toHaveLength(1);
    pass(DAY / 2 + 10_000);
    expect(changes).toMatchObject([{ outcome: 'loaded', meaning: true, ids: ['a'] }]);
    expect(keeper.current.rules[0]?.rule.exceptions).toEqual([]);
    expect(keeper.current.rules[0]?.version).not.toBe(before.rules[0]?.version);
  });

  it('stops', () => {
    const { start, save, changes, keeper } = world({ 'a.yaml': file(A) });
    start();
    keeper.stop();
    save({ 'a.yaml': file(B) });
    expect(changes).toEqual([]);
  });
});
