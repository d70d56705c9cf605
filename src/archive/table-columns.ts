/** Columns of small tables, by what they take from a row. */
import type { Column } from './parquet/column.ts';
import { DictionaryColumn } from './parquet/dictionary-column.ts';
import { Int64Column } from './parquet/number-columns.ts';
import { TextColumn } from './parquet/text-column.ts';
import type { RowTable } from './write-rows.ts';

type RowColumn<Row> = RowTable<Row>['columns'][number];

const ENCODER = new TextEncoder();

/** A text that repeats. */
export function repeatedText<Row>(name: string, of: (row: Row) => string): RowColumn<Row> {
  return {
    column: () => new DictionaryColumn(name),
    append: (column, row) => {
      const dictionary = column as DictionaryColumn;
      dictionary.append(dictionary.indexOfText(of(row)));
    },
  };
}

export function text<Row>(name: string, of: (row: Row) => string): RowColumn<Row> {
  return {
    column: () => new TextColumn(name),
    append: (column: Column, row) => (column as TextColumn).append(ENCODER.encode(of(row))),
  };
}

export function whole<Row>(name: string, of: (row: Row) => number): RowColumn<Row> {
  return {
    column: () => new Int64Column(name),
    append: (column, row) => (column as Int64Column).appendNumber(of(row)),
  };
}

/** A time in milliseconds since 1970, as a timestamp; 0 stands for none. */
export function time<Row>(name: string, of: (row: Row) => number): RowColumn<Row> {
  return {
    column: () => new Int64Column(name, 'micros'),
    append: (column, row) => (column as Int64Column).appendNumber(of(row) * 1000),
  };
}
