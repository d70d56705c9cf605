/**
 * Writes Parquet files of flat tables whose columns are all REQUIRED: columns in, bytes out, a row group at a time.
 *
 *     PAR1 | row group: (dictionary page, pages) a column | ... | footer | its length | PAR1
 *
 * Source: apache/parquet-format, README.md and parquet.thrift.
 */
import { crc32 } from 'node:zlib';
import { CODEC_NUMBERS, type Codec, PageCompressor } from './codec.ts';
import { type Column, type ColumnShape, type EncodedColumn, MOST_KEPT_BYTES, type Page } from './column.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { ThriftWriter } from './thrift-writer.ts';

const MAGIC = Uint8Array.of(0x50, 0x41, 0x52, 0x31);
const INT_32 = 1;
const INT_64 = 2;
const BYTE_ARRAY = 6;
const REQUIRED = 0;
const UTF_8 = 0;
const TIMESTAMP_MICROS = 10;
const PLAIN = 0;
const RLE = 3;
const RLE_DICTIONARY = 8;
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const FORMAT_VERSION = 2;
const PHYSICAL_TYPES = { text: BYTE_ARRAY, int32: INT_32, int64: INT_64, micros: INT_64 } as const;

export interface ParquetOptions {
  readonly codec: Codec;
  /** Goes to the footer: who wrote the file. */
  readonly createdBy: string;
  /** Further facts for the footer. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Buffers that several writers share, one of them at a time: between `addRowGroup` or `finish` and the end of `take`. */
  readonly buffers?: WriterBuffers;
}

export interface WriterBuffers {
  readonly out: GrowingBytes;
  readonly compressor: PageCompressor;
}

export function writerBuffers(codec: Codec): WriterBuffers {
  return { out: new GrowingBytes(), compressor: new PageCompressor(codec) };
}

interface WrittenColumn {
  readonly codec: Codec;
  readonly values: number;
  readonly uncompressed: number;
  readonly compressed: number;
  /** -1: none. */
  readonly dictionaryAt: number;
  readonly pagesAt: number;
  readonly bounds: EncodedColumn['bounds'];
}

interface WrittenGroup {
  readonly rows: number;
  readonly columns: readonly WrittenColumn[];
}

export class ParquetWriter {
  readonly #shapes: readonly ColumnShape[];
  readonly #options: ParquetOptions;
  readonly #compressor: PageCompressor;
  readonly #plain = new PageCompressor('none');
  readonly #thrift = new ThriftWriter();
  readonly #out: GrowingBytes;
  readonly #groups: WrittenGroup[] = [];
  /** Bytes of the file before those in `#out`. */
  #before = 0;

  constructor(shapes: readonly ColumnShape[], options: ParquetOptions) {
    this.#shapes = shapes;
    this.#options = options;
    const { out, compressor } = options.buffers ?? writerBuffers(options.codec);
    this.#compressor = compressor;
    this.#out = out;
  }

  /** Rows of the row groups so far. */
  get rows(): number {
    return this.#groups.reduce((sum, group) => sum + group.rows, 0);
  }

  /** Adds what the columns hold as a row group, and empties them. All must have the same number of rows. */
  addRowGroup(columns: readonly Column[]): void {
    const rows = columns[0]?.rows ?? 0;
    if (rows === 0) return;
    this.#begin();
    const written = columns.map((column, index) => {
      if (column.rows !== rows || column.shape.name !== this.#shapes[index]?.name)
        throw new Error(`column ${column.shape.name} has ${column.rows} rows of ${rows}, or is out of place`);
      const result = this.#column(column);
      column.clear();
      return result;
    });
    this.#groups.push({ rows, columns: written });
  }

  /** Bytes that can be written to the file; the view holds until the next call. */
  take(): Uint8Array {
    const bytes = this.#out.written();
    this.#before += bytes.length;
    this.#out.clear(MOST_KEPT_BYTES);
    return bytes;
  }

  /** The rest of the file with its footer. */
  finish(): Uint8Array {
    this.#begin();
    const footer = this.#footer();
    this.#out.append(footer);
    this.#out.append(new Uint8Array(Uint32Array.of(footer.length).buffer));
    this.#out.append(MAGIC);
    return this.take();
  }

  /** The first bytes of the file. */
  #begin(): void {
    if (this.#before === 0 && this.#groups.length === 0) this.#out.append(MAGIC);
  }

  #column(column: Column): WrittenColumn {
    const { dictionary, pages, bounds } = column.encode();
    const isPacked = pages[0]?.unpacked !== undefined;
    const compressor = column.shape.compressed && !isPacked ? this.#compressor : this.#plain;
    const start = this.#before + this.#out.length;
    let uncompressed = 0;
    if (dictionary !== null) uncompressed += this.#page(DICTIONARY_PAGE, PLAIN, dictionary, compressor);
    const pagesAt = this.#before + this.#out.length;
    const encoding = dictionary === null ? PLAIN : RLE_DICTIONARY;
    for (const page of pages) uncompressed += this.#page(DATA_PAGE, encoding, page, compressor);
    return {
      codec: isPacked ? 'snappy' : compressor.codec,
      values: column.rows,
      uncompressed,
      compressed: this.#before + this.#out.length - start,
      dictionaryAt: dictionary === null ? -1 : start,
      pagesAt,
      // The column is used again: its bytes are copied.
      bounds: bounds === null ? null : { least: bounds.least.slice(), greatest: bounds.greatest.slice() },
    };
  }

  /** Gives the page's bytes with its header, as they would be uncompressed. */
  #page(type: number, encoding: number, page: Page, compressor: PageCompressor): number {
    const body = compressor.compress(page.bytes);
    const length = page.unpacked ?? page.bytes.length;
    const thrift = this.#thrift;
    thrift.element(() => {
      thrift.int32(1, type);
      thrift.int32(2, length);
      thrift.int32(3, body.length);
      thrift.int32(4, crc32(body) | 0);
      thrift.struct(type === DATA_PAGE ? 5 : 7, () => {
        thrift.int32(1, page.count);
        thrift.int32(2, encoding);
        if (type !== DATA_PAGE) return;
        thrift.int32(3, RLE);
        thrift.int32(4, RLE);
      });
    });
    const header = thrift.take();
    this.#out.append(header);
    this.#out.append(body);
    return header.length + length;
  }

  #footer(): Uint8Array {
    const thrift = this.#thrift;
    thrift.element(() => {
      thrift.int32(1, FORMAT_VERSION);
      thrift.list(2, 'struct', this.#shapes.length + 1);
      thrift.element(() => {
        thrift.text(4, 'schema');
        thrift.int32(5, this.#shapes.length);
      });
      for (const shape of this.#shapes) thrift.element(() => this.#schemaElement(shape));
      thrift.int64(3, this.rows);
      thrift.list(4, 'struct', this.#groups.length);
      this.#groups.forEach((group, ordinal) => {
        thrift.element(() => this.#rowGroup(group, ordinal));
      });
      const properties = Object.entries(this.#options.properties ?? {});
      if (properties.length > 0) {
        thrift.list(5, 'struct', properties.length);
        for (const [key, value] of properties)
          thrift.element(() => {
            thrift.text(1, key);
            thrift.text(2, value);
          });
      }
      thrift.text(6, this.#options.createdBy);
      // Without it readers do not trust the bounds of texts.
      thrift.list(7, 'struct', this.#shapes.length);
      for (const _ of this.#shapes) thrift.element(() => thrift.struct(1, () => {}));
    });
    return thrift.take().slice();
  }

  #schemaElement({ name, type }: ColumnShape): void {
    const thrift = this.#thrift;
    thrift.int32(1, PHYSICAL_TYPES[type]);
    thrift.int32(3, REQUIRED);
    thrift.text(4, name);
    if (type === 'text') {
      thrift.int32(6, UTF_8);
      thrift.struct(10, () => thrift.struct(1, () => {}));
    } else if (type === 'micros') {
      thrift.int32(6, TIMESTAMP_MICROS);
      thrift.struct(10, () =>
        thrift.struct(8, () => {
          // In UTC; the unit is microseconds.
          thrift.boolean(1, true);
          thrift.struct(2, () => thrift.struct(2, () => {}));
        }),
      );
    }
  }

  #rowGroup(group: WrittenGroup, ordinal: number): void {
    const thrift = this.#thrift;
    thrift.list(1, 'struct', group.columns.length);
    group.columns.forEach((column, index) => {
      const shape = this.#shapes[index] as ColumnShape;
      thrift.element(() => {
        thrift.int64(2, 0);
        thrift.struct(3, () => this.#columnMetaData(shape, column));
      });
    });
    const first = group.columns[0] as WrittenColumn;
    thrift.int64(
      2,
      group.columns.reduce((sum, column) => sum + column.uncompressed, 0),
    );
    thrift.int64(3, group.rows);
    thrift.int64(5, first.dictionaryAt === -1 ? first.pagesAt : first.dictionaryAt);
    thrift.int64(
      6,
      group.columns.reduce((sum, column) => sum + column.compressed, 0),
    );
    thrift.int16(7, ordinal);
  }

  #columnMetaData(shape: ColumnShape, column: WrittenColumn): void {
    const thrift = this.#thrift;
    const { bounds } = column;
    thrift.int32(1, PHYSICAL_TYPES[shape.type]);
    const encodings = column.dictionaryAt === -1 ? [PLAIN] : [PLAIN, RLE, RLE_DICTIONARY];
    thrift.list(2, 'int32', encodings.length);
    for (const encoding of encodings) thrift.int32Element(encoding);
    thrift.list(3, 'binary', 1);
    thrift.textElement(shape.name);
    thrift.int32(4, CODEC_NUMBERS[column.codec]);
    thrift.int64(5, column.values);
    thrift.int64(6, column.uncompressed);
    thrift.int64(7, column.compressed);
    thrift.int64(9, column.pagesAt);
    if (column.dictionaryAt !== -1) thrift.int64(11, column.dictionaryAt);
    if (bounds === null) return;
    thrift.struct(12, () => {
      thrift.int64(3, 0);
      thrift.binary(5, bounds.greatest);
      thrift.binary(6, bounds.least);
    });
  }
}
