/**
 * What a YAML file of Fluo may hold, said once: the loader checks files against it, and the JSON Schema that editors use is
 * generated from it.
 */

export type Shape =
  | TextShape
  | NumberShape
  | BooleanShape
  | ScalarShape
  | ListShape
  | MapShape
  | RecordShape
  | ChoiceShape;

interface Described {
  /** For the schema's reader: what the value means. Sentences. */
  readonly description: string;
}

export interface TextShape extends Described {
  readonly kind: 'text';
  /** The only values, where there are few. */
  readonly values?: readonly string[];
  /** Values that editors offer among others. */
  readonly offered?: readonly string[];
  readonly pattern?: RegExp;
  /** What the pattern asks for, as it ends the sentence "... is not ...": `a duration such as \`10m\``. */
  readonly what?: string;
  readonly default?: string;
}

export interface NumberShape extends Described {
  readonly kind: 'number';
  readonly integer: boolean;
  readonly values?: readonly number[];
  readonly minimum?: number;
  readonly default?: number;
}

export interface BooleanShape extends Described {
  readonly kind: 'boolean';
  readonly default?: boolean;
}

/** Text, number or boolean. */
export interface ScalarShape extends Described {
  readonly kind: 'scalar';
}

export interface ListShape extends Described {
  readonly kind: 'list';
  readonly items: Shape;
  /** Fewest items. */
  readonly atLeast: number;
}

export interface MapShape extends Described {
  readonly kind: 'map';
  readonly keys: Readonly<Record<string, { readonly shape: Shape; readonly required?: true }>>;
  /** Exactly one of these keys must be there. */
  readonly oneOf?: readonly string[];
  /** The form of keys besides `keys`, where there may be any. */
  readonly others?: RecordShape;
}

/** A map with keys that the writer chooses. */
export interface RecordShape extends Described {
  readonly kind: 'record';
  readonly name: RegExp;
  /** What a key is, as it ends the sentence "... is not ...". */
  readonly what: string;
  readonly values: Shape;
}

/** One of several shapes, each of another YAML type (text, list, map). */
export interface ChoiceShape extends Described {
  readonly kind: 'choice';
  readonly options: readonly Shape[];
}

/** Words that are quoted in several descriptions: names as the language has them, kebab-case, durations, dates. */
export const WORD = /^[A-Za-z_][A-Za-z0-9_-]*$/;
export const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
export const DURATION = /^\d+(?:\.\d+)?(?:ns|us|ms|s|m|h|d)$/;
export const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
export const NOT_EMPTY = /\S/;
