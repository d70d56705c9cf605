/** The archive as other tools read it: pyarrow (with checksums) and pandas; and the compactor as it is built. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spanLists } from '../../test/receiver/sample-spans.ts';
import { otlpProto } from '../../test/receiver/write-spans.ts';
import { compactHour } from './compaction/compact-hour.ts';
import { mergeInChild } from './compaction/merge-in-child.ts';
import { nodeDisk } from './disk/node-disk.ts';
import { HOUR_MS, hourFolder } from './layout.ts';
import { type Codec, HAS_ZSTD } from './parquet/codec.ts';
import { SegmentWriter } from './spans/segment-writer.ts';
import { archivedRows, query } from './testing/read-archive.ts';
import { ARRIVAL, sampleRecord } from './testing/sample-segment.ts';

const SEED = 20261120;
const HOUR = Math.floor(ARRIVAL / HOUR_MS);
const DUMP = `
import glob, json, sys
import pyarrow.parquet as pq
rows = []
for path in sorted(glob.glob(sys.argv[1] + '/spans/*/*/*.parquet')):
    file = pq.ParquetFile(path, page_checksum_verification=True)
    table = file.read()
    assert all(not field.nullable for field in table.schema)
    frame = table.to_pandas()
    assert len(frame) == file.metadata.num_rows
    assert str(frame['start_time'].dtype).startswith('datetime64')
    frame['start_time'] = frame['start_time'].astype('int64')
    rows.extend(frame.to_dict('records'))
json.dump(rows, sys.stdout)
`;

let folder = '';
let packages = '';
let reason = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fluo-readers-'));
  packages = join(folder, 'python');
  const installed = spawnSync(
    'python3',
    ['-m', 'pip', 'install', '--quiet', '--target', packages, 'pyarrow', 'pandas'],
    {
      encoding: 'utf8',
      timeout: 300_000,
    },
  );
  if (installed.status !== 0) {
    reason = installed.error?.message ?? installed.stderr.trim().split('\n').at(-1) ?? 'pip failed';
    process.stdout.write(`skipped: pyarrow cannot be installed here: ${reason}\n`);
  }
}, 310_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const codecs: Codec[] = ['none', 'snappy', 'gzip', ...(HAS_ZSTD ? (['zstd'] as const) : [])];

test.each(codecs)('pyarrow and pandas read what DuckDB reads, compressed with %s', async (codec) => {
  if (reason !== '') return;
  const root = join(folder, codec);
  const requests = fc.sample(spanLists('otlp'), { seed: SEED, numRuns: 200 }).map(otlpProto);
  const records = requests.map((bytes, index) => ({ position: index + 1, at: ARRIVAL, bytes }));
  const writer = new SegmentWriter({ disk: nodeDisk(), root, codec });
  await writer.write(1, records);
  // Several pages and row groups.
  await writer.write(2, [sampleRecord(1000, 0, 40_000), sampleRecord(1001, 40_000, 40_000)]);
  const script = join(folder, 'dump.py');
  writeFileSync(script, DUMP);
  const output = execFileSync('python3', [script, root], {
    env: { ...process.env, PYTHONPATH: packages },
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  const plain = (row: Readonly<Record<string, unknown>>) => {
    const { date: _date, hour: _hour, start_time: time, ...rest } = row;
    const micros = typeof time === 'object' ? (time as { micros: bigint }).micros : time;
    const texts = Object.entries({ ...rest, start_time: micros }).map(([key, value]) => [key, String(value)]);
    return Object.fromEntries(texts) as Record<string, string>;
  };
  const byPlace = (a: Record<string, string>, b: Record<string, string>) =>
    Number(a['position']) - Number(b['position']) || Number(a['ordinal']) - Number(b['ordinal']);
  // JSON's own numbers are too short for nanoseconds.
  const long = output.replace(/: (-?\d{16,})([,}])/g, ': "$1"$2');
  const theirs = (JSON.parse(long) as Record<string, unknown>[]).map(plain).sort(byPlace);
  const ours = (await archivedRows(root)).map(plain).sort(byPlace);
  expect(theirs.length).toBe(ours.length);
  expect(theirs.length).toBeGreaterThan(80_000);
  for (let row = 0; row < ours.length; row += row < 3000 ? 1 : 997) expect(theirs[row]).toEqual(ours[row]);
});

test('the built compactor merges in a process of its own, in little memory', async () => {
  const program = 'dist/compactor.js';
  if (!existsSync(program)) execFileSync('node', ['scripts/build.mjs']);
  const root = join(folder, 'compacted');
  const writer = new SegmentWriter({ disk: nodeDisk(), root });
  for (let sequence = 1; sequence <= 20; sequence++) {
    await writer.write(sequence, [sampleRecord(sequence, sequence * 50_000, 50_000)]);
  }
  const merge = mergeInChild(program, { megabytes: 200 });
  const compacted = await compactHour({ disk: nodeDisk(), root, merge, confirmedThrough: 20 }, HOUR);
  expect(compacted).toEqual({ hour: HOUR, filesBefore: 20, filesAfter: 1, spans: 1_000_000 });
  expect(readdirSync(hourFolder(root, 'spans', HOUR))).toEqual(['000000000001-000000000020-0.parquet']);
  const [row] = await query(
    `SELECT count(DISTINCT span_id)::INT AS spans FROM read_parquet('${root}/spans/*/*/*.parquet')`,
  );
  expect(row).toEqual({ spans: 1_000_000 });
});

test('a merge that is called off ends at once and changes nothing', async () => {
  const root = join(folder, 'aborted');
  const writer = new SegmentWriter({ disk: nodeDisk(), root });
  for (const sequence of [1, 2]) await writer.write(sequence, [sampleRecord(sequence, sequence * 50_000, 5)]);
  const controller = new AbortController();
  const merge = mergeInChild('dist/compactor.js', { megabytes: 200 }, controller.signal);
  const compacted = compactHour({ disk: nodeDisk(), root, merge, confirmedThrough: 2 }, HOUR);
  controller.abort();
  await expect(compacted).rejects.toThrow(/abort/i);
  expect(readdirSync(hourFolder(root, 'spans', HOUR))).toHaveLength(2);
});
