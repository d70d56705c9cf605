/** Files of rule tests (`*.test.yaml`): drawn traces, and the verdicts that the rules must give of them. */
import { type Nanos, parseDuration } from '../base/nanos.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Diagnostic, SourceText, TextRange } from '../diagnostic/diagnostic.ts';
import { positionOf } from '../diagnostic/position.ts';
import type { Span } from '../trace/span.ts';
import { parseDrawnTrace } from './drawn-trace.ts';
import { isDay } from './rule-file/exceptions.ts';
import { EVENTS, EXPECTABLE, RULE_TEST_FILE_SHAPE } from './rule-test-file/shape.ts';
import { checkShape } from './shape/check-shape.ts';
import { listOf, mapOf, plainValue, textOf, valueAt } from './yaml/access.ts';
import { embeddedSource, inFile } from './yaml/embedded.ts';
import { readYaml, type YamlMap, type YamlNode, type YamlScalar } from './yaml/read-yaml.ts';

export interface RuleTestFile {
  readonly source: SourceText;
  /** Paths as written, from this file. */
  readonly rules: readonly { readonly path: string; readonly range: TextRange }[];
  /** ISO date; null: the present day. */
  readonly today: string | null;
  readonly tests: readonly RuleTest[];
}

export interface RuleTest {
  readonly name: string;
  /** Of the name. */
  readonly range: TextRange;
  /** Of all traces, in the order drawn. */
  readonly spans: readonly Span[];
  /** In the order written. */
  readonly expect: readonly Expectation[];
  /** Whether rules that `expect` does not name may have any verdict. */
  readonly only: boolean;
  /** What only an engine that judges while spans arrive can show; null for tests of closed traces. */
  readonly live: LiveTest | null;
}

interface Expectation {
  readonly rule: string;
  readonly ruleRange: TextRange;
  readonly verdict: ExpectableVerdict;
  readonly range: TextRange;
}

type ExpectableVerdict = (typeof EXPECTABLE)[number];

export interface LiveTest {
  readonly delays: readonly { readonly span: Span; readonly delay: Nanos }[];
  /** What is expected when, in the order of time. Empty: only `expect` of the test counts, when all has arrived. */
  readonly moments: readonly ExpectedMoment[];
}

export interface ExpectedMoment {
  /** Since the beginning of the drawing. */
  readonly at: Nanos;
  /** Of the time. */
  readonly range: TextRange;
  readonly expect: readonly {
    readonly rule: string;
    readonly ruleRange: TextRange;
    readonly event: ExpectableEvent;
    readonly range: TextRange;
  }[];
}

export type ExpectableEvent = (typeof EVENTS)[number];

/**
 * Parses a file of rule tests. `file` is null exactly when a diagnostic is an error: no test of such a file runs. Never throws
 * on what is in the file.
 */
export function parseRuleTestFile(source: SourceText): {
  file: RuleTestFile | null;
  diagnostics: readonly Diagnostic[];
} {
  const reading = readYaml(source);
  const diagnostics: Diagnostic[] = [...reading.diagnostics];
  const root = mapOf(reading.root);
  let file: RuleTestFile | null = null;
  if (root !== null) {
    diagnostics.push(...checkShape(source, root, RULE_TEST_FILE_SHAPE, ''));
    file = new TestFileReader(source, diagnostics).read(root);
  } else if (diagnostics.length === 0) {
    diagnostics.push({
      code: 'FL608',
      severity: 'error',
      message: 'the file has no `rules:` and `tests:`, and so tests nothing',
      source,
      range: reading.root?.range ?? { start: 0, end: 0 },
      help: 'name the rule file behind `rules:` and write tests below `tests:`',
    });
  }
  diagnostics.sort((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0));
  const failed = diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  return { file: failed ? null : file, diagnostics };
}

class TestFileReader {
  readonly #source: SourceText;
  readonly #diagnostics: Diagnostic[];

  constructor(source: SourceText, diagnostics: Diagnostic[]) {
    this.#source = source;
    this.#diagnostics = diagnostics;
  }

  read(root: YamlMap): RuleTestFile {
    const named = valueAt(root, 'rules');
    const paths = named?.kind === 'list' ? named.items : named === null ? [] : [named];
    const names = new Map<string, TextRange>();
    return {
      source: this.#source,
      rules: paths.flatMap((node) => {
        const path = textOf(node);
        return path === null ? [] : [{ path: path.text, range: path.node.range }];
      }),
      today: this.#today(root),
      tests: (listOf(valueAt(root, 'tests'))?.items ?? []).flatMap((item) => {
        const map = mapOf(item);
        return map === null ? [] : [this.#test(map, names)];
      }),
    };
  }

  #today(root: YamlMap): string | null {
    const today = textOf(valueAt(root, 'today'));
    if (today === null) return null;
    if (!isDay(today.text) && /^\d{4}-\d{2}-\d{2}$/.test(today.text)) {
      this.#error(
        'FL313',
        today.node.range,
        `there is no day \`${today.text}\``,
        'write a day of the calendar as `YYYY-MM-DD`',
      );
    }
    return today.text;
  }

  #test(map: YamlMap, names: Map<string, TextRange>): RuleTest {
    const name = textOf(valueAt(map, 'name'));
    if (name !== null) this.#nameOnce(name.text, name.node.range, names);
    const { spans, labels } = this.#draw(map);
    const expect = valueAt(map, 'expect');
    const only = valueAt(map, 'only');
    return {
      name: name?.text ?? '',
      range: name?.node.range ?? map.range,
      spans,
      expect: this.#expectations(mapOf(expect)),
      only: only !== null && plainValue(only) === true,
      live: this.#live(map, spans, labels),
    };
  }

  #nameOnce(name: string, range: TextRange, names: Map<string, TextRange>): void {
    const first = names.get(name);
    if (first === undefined) {
      names.set(name, range);
      return;
    }
    const { line } = positionOf(this.#source.text, first.start);
    this.#diagnostics.push({
      code: 'FL607',
      severity: 'error',
      message: `the test name \`${name}\` is here a second time`,
      source: this.#source,
      range,
      notes: [`the first is in line ${line}`],
      help: 'say in the name what is different about this test',
    });
  }

  #draw(map: YamlMap): { spans: Span[]; labels: Map<string, Span> } {
    const one = valueAt(map, 'trace');
    const drawings: readonly YamlNode[] =
      one !== null ? [one] : (listOf(valueAt(map, 'traces'))?.items ?? []);
    const spans: Span[] = [];
    const labels = new Map<string, Span>();
    let firstTrace = 1;
    for (const node of drawings) {
      const drawing = textOf(node);
      if (drawing === null || drawing.text.trim() === '') continue;
      const read = parseDrawnTrace(embeddedSource(this.#source, drawing.text), { firstTrace });
      firstTrace += read.traces;
      this.#diagnostics.push(...inFile(read.diagnostics, this.#source, drawing.node));
      spans.push(...read.spans);
      for (const [label, span] of read.labels) labels.set(label, span);
      if (read.spans.length === 0 && read.diagnostics.length === 0) {
        this.#error(
          'FL608',
          drawing.node.range,
          'the drawing has no span',
          'draw at least one span: a trace without spans does not exist',
        );
      }
    }
    return { spans, labels };
  }

  #expectations(map: YamlMap | null): Expectation[] {
    return (map?.entries ?? []).flatMap((entry) => {
      const verdict = EXPECTABLE.find((known) => known === textOf(entry.value)?.text);
      if (verdict === undefined) return [];
      return [{ rule: entry.name, ruleRange: entry.key.range, verdict, range: entry.value.range }];
    });
  }

  #live(map: YamlMap, spans: readonly Span[], labels: ReadonlyMap<string, Span>): LiveTest | null {
    const arrive = map.entries.find((entry) => entry.name === 'arrive');
    const timed = listOf(valueAt(map, 'expect'));
    if (arrive === undefined && timed === null) return null;
    const moments = (timed?.items ?? []).flatMap((item) => this.#moment(mapOf(item)));
    return {
      delays: (mapOf(arrive?.value ?? null)?.entries ?? []).flatMap((entry) =>
        this.#delay(entry.key, entry.name, entry.value, spans, labels),
      ),
      moments: moments.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
    };
  }

  #delay(
    key: YamlScalar,
    name: string,
    value: YamlNode,
    spans: readonly Span[],
    labels: ReadonlyMap<string, Span>,
  ): { span: Span; delay: Nanos }[] {
    const delay = parseDuration((textOf(value)?.text ?? '').replace(/^\+/, ''));
    const late = name.startsWith('#')
      ? [labels.get(name.slice(1))].filter((span) => span !== undefined)
      : spans.filter((span) => span.name === name);
    // A drawing with errors has no spans to find.
    if (late.length === 0 && spans.length > 0) {
      const known = [...spans.map((span) => span.name), ...[...labels.keys()].map((label) => `#${label}`)];
      this.#error(
        'FL604',
        key.range,
        `no drawn span is \`${name}\``,
        didYouMean(name, known) ||
          'write the name of a span of the drawing, or its label in quotes (`"#charge"`)',
      );
    }
    return delay === null ? [] : late.map((span) => ({ span, delay }));
  }

  #moment(map: YamlMap | null): ExpectedMoment[] {
    const time = textOf(valueAt(map ?? NO_MAP, 'at'));
    const at = parseDuration(time?.text ?? '');
    if (time === null || at === null) return [];
    const expect = (map?.entries ?? []).flatMap((entry) => {
      const event = EVENTS.find((known) => known === textOf(entry.value)?.text);
      if (entry.name === 'at' || event === undefined) return [];
      return [{ rule: entry.name, ruleRange: entry.key.range, event, range: entry.value.range }];
    });
    return [{ at, range: time.node.range, expect }];
  }

  #error(code: Diagnostic['code'], range: TextRange, message: string, help: string): void {
    this.#diagnostics.push({ code, severity: 'error', message, source: this.#source, range, help });
  }
}

const NO_MAP: YamlMap = { kind: 'map', range: { start: 0, end: 0 }, entries: [], flow: false };
