/** What columns of all kinds have in common: values go in row by row, encoded pages come out a row group. */

/** How a column's values are stored. All columns are REQUIRED: missing is the empty text or 0, and costs no levels. */
export interface ColumnShape {
  readonly name: string;
  /** `text`: UTF-8. `micros`: a UTC timestamp in microseconds since 1970. */
  readonly type: 'text' | 'int32' | 'int64' | 'micros';
  /** Whether its pages are worth compressing: ids and indices are not. */
  readonly compressed: boolean;
}

/** Values of one column of one row group. Views into the column's buffers: they hold until `clear`. */
export interface EncodedColumn {
  /** The distinct values, PLAIN; null where the pages hold the values themselves. */
  readonly dictionary: Page | null;
  readonly pages: readonly Page[];
  /** Least and greatest value as PLAIN writes them, without the length of a text; null where nobody would prune by them. */
  readonly bounds: { readonly least: Uint8Array; readonly greatest: Uint8Array } | null;
}

export interface Page {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Of a page that the column compressed itself, with snappy: how many bytes it was. Then all data pages of the column are so. */
  readonly unpacked?: number;
}

export interface Column {
  readonly shape: ColumnShape;
  /** Values since the last `clear`. */
  readonly rows: number;
  /** Bytes held for them, without compression. */
  readonly heldBytes: number;
  encode(): EncodedColumn;
  clear(): void;
}

/** Pages are cut behind so many bytes: a reader unpacks one at a time. */
export const PAGE_BYTES = 1 << 20;
/** Buffers beyond this are given back when a row group is written. */
export const MOST_KEPT_BYTES = 32 << 20;

/** Bounds longer than this are left out of the footer. */
export const LONGEST_BOUND = 64;

/** By bytes, which for UTF-8 is the order of code points. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) {
    const step = (a[at] as number) - (b[at] as number);
    if (step !== 0) return step;
  }
  return a.length - b.length;
}
