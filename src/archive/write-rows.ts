/** Small tables of the archive: rows that are there already, one file for each hour and number. */
import type { Disk } from './disk/disk.ts';
import { type ArchiveTable, fileName, HOUR_MS, type Hour } from './layout.ts';
import { DEFAULT_CODEC } from './parquet/codec.ts';
import type { Column } from './parquet/column.ts';
import { ParquetWriter } from './parquet/parquet-writer.ts';
import { ArchiveFile } from './put-file.ts';
import { CREATED_BY } from './spans/segment-writer.ts';

export interface RowTable<Row> {
  readonly table: ArchiveTable;
  /** In milliseconds since 1970: which hour it belongs to. */
  readonly timeOf: (row: Row) => number;
  readonly columns: readonly {
    readonly column: () => Column;
    readonly append: (column: Column, row: Row) => void;
  }[];
}

/** Writes the rows; gives the paths. The same number and rows give the same files, over those of an earlier try. */
export async function writeRows<Row>(
  disk: Disk,
  root: string,
  { table, timeOf, columns }: RowTable<Row>,
  sequence: number,
  rows: readonly Row[],
): Promise<string[]> {
  const hours = new Map<Hour, Row[]>();
  for (const row of rows) {
    const hour = Math.floor(timeOf(row) / HOUR_MS);
    const listed = hours.get(hour);
    if (listed === undefined) hours.set(hour, [row]);
    else listed.push(row);
  }
  const paths: string[] = [];
  for (const [hour, listed] of [...hours].sort(([a], [b]) => a - b)) {
    const made = columns.map(({ column }) => column());
    for (const [index, { append }] of columns.entries()) {
      for (const row of listed) append(made[index] as Column, row);
    }
    const writer = new ParquetWriter(
      made.map((column) => column.shape),
      { codec: DEFAULT_CODEC, createdBy: CREATED_BY },
    );
    writer.addRowGroup(made);
    const file = new ArchiveFile(disk, { root, table, hour, name: fileName(sequence) });
    try {
      await file.append(writer.finish());
      paths.push(await file.put());
    } finally {
      await file.close();
    }
  }
  return paths;
}
