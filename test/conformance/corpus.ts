/** Reads the conformance corpus: YAML files of cases, as `conformance/README.md` describes them. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';

export const CORPUS = new URL('../../conformance/', import.meta.url).pathname;

interface Case {
  /** Kebab-case, unique in the corpus. */
  readonly id: string;
  /** What the case proves, in one sentence. */
  readonly says: string;
  readonly rule: string;
  readonly macros?: Readonly<Record<string, string>>;
  readonly lists?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
}

export interface ValidCase extends Case {
  /** Another text with the same meaning. */
  readonly same_as?: string;
  /** The trigger in the canonical spelling; null: none. */
  readonly trigger?: string | null;
}

export interface ErrorCase extends Case {
  /** So many blanks follow the text. */
  readonly blanks?: number;
  /** All the errors of the text, in its order. */
  readonly errors: readonly ExpectedError[];
}

export interface ExpectedError {
  readonly code: string;
  /** `line:column`, from 1. */
  readonly at: string;
  /** The text that is pointed to; empty at the end of the rule. */
  readonly marks: string;
  readonly message: string;
}

/** Spans are named by their label, and by their name where they have none. */
export interface Expectation {
  readonly verdict: 'satisfied' | 'violated' | 'not_applicable' | 'inconclusive';
  /** With `each`: the verdict of every bound span. */
  readonly each?: Readonly<Record<string, string>>;
  /** In any order. */
  readonly reasons?: readonly ExpectedReason[];
  readonly witness?: ExpectedWitness;
  readonly unknown?: Readonly<Record<string, { readonly missing?: number; readonly other_type?: number }>>;
  /** Null: nothing was left out. */
  readonly left_out?: 'environment' | { readonly exception: string } | null;
}

export interface ExpectedReason {
  readonly kind: 'incomplete' | 'sampled' | 'group-cut' | 'missing-attribute' | 'clock-skew' | 'too-costly';
  readonly because?: string;
  readonly limit?: string;
  readonly attribute?: string;
  readonly span?: string;
  readonly left?: string;
  readonly right?: string;
}

/** Only what is given is compared. */
export interface ExpectedWitness {
  readonly clause?: string;
  /** Of the clause: `line:column`. */
  readonly at?: string;
  readonly trigger?: readonly string[];
  readonly missing?: readonly string[];
  readonly nearest?: Readonly<Record<string, unknown>> | null;
  readonly order?: readonly {
    readonly left: string;
    readonly relation: string;
    readonly right: string;
    readonly problem: string;
  }[];
  readonly spans?: readonly string[];
  readonly measures?: Readonly<Record<string, string>>;
}

export interface VerdictCase extends Case, Partial<Expectation> {
  /** Drawn. Several traces, parted by `---`, for a rule across traces. */
  readonly trace: string;
  readonly settings?: {
    readonly clock_skew?: string;
    readonly clock_resolution?: string;
    readonly sampling?: boolean;
    readonly default_environment?: string;
    readonly max_spans?: number;
    readonly max_comparisons?: number;
    readonly max_group_age?: string;
  };
  /** A limit that the trace met while it was put together. */
  readonly cut?: 'max_age' | 'max_spans';
  readonly environments?: readonly string[];
  readonly exceptions?: readonly {
    readonly name: string;
    readonly fields: readonly string[];
    readonly values: readonly (readonly (string | number | boolean)[])[];
    readonly anywhere?: boolean;
  }[];
  readonly on_incomplete?: 'judge';
  /** For a rule across traces, instead of `verdict`: the groups in the order of their first span. */
  readonly groups?: readonly (Expectation & {
    readonly key?: readonly string[];
    readonly spans?: readonly string[];
    readonly traces?: number;
  })[];
  /** Spans in no group. */
  readonly keyless?: number;
}

export interface Corpus {
  readonly valid: readonly ValidCase[];
  readonly parseFails: readonly ErrorCase[];
  readonly checkFails: readonly ErrorCase[];
  readonly verdicts: readonly (VerdictCase & { readonly topic: string })[];
  /** Each file by its path below the corpus, as it was parsed. */
  readonly files: ReadonlyMap<string, unknown>;
}

/** Reads all files. Throws for a file that is no YAML; whether the cases have the right shape is for the schema to say. */
export function readCorpus(folder: string = CORPUS): Corpus {
  const files = new Map<string, unknown>();
  const read = <T>(path: string): readonly T[] => {
    const content = parse(readFileSync(join(folder, path), 'utf8')) as { cases: readonly T[] };
    files.set(path, content);
    return content.cases;
  };
  const topics = readdirSync(join(folder, 'verdicts')).sort();
  return {
    valid: read<ValidCase>('valid.yaml'),
    parseFails: read<ErrorCase>('parse-fails.yaml'),
    checkFails: read<ErrorCase>('check-fails.yaml'),
    verdicts: topics.flatMap((file) =>
      read<VerdictCase>(join('verdicts', file)).map((one) => ({ ...one, topic: basename(file, '.yaml') })),
    ),
    files,
  };
}
