/**
 * How fast spans are archived: requests to Parquet files on the disk, synced, on one thread, by each compression, against the appender of
 * DuckDB, which is given the same columns as values that are made already (nothing of decoding is counted for it), and its COPY to
 * Parquet. They take turns over the same requests. Prints medians of processor time, and bytes a span.
 *
 *     node bench/archive.mjs [--runs 5] [--spans 100000]
 *
 * and whether memory stays flat, over so many segments of 50,000 spans:
 *
 *     node --expose-gc bench/archive.mjs --memory [--segments 100]
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, median, option } from './bundle.mjs';
import { makePayload } from './payload.mjs';

const CODECS = ['none', 'snappy', 'gzip', 'zstd'];
const AT = 1_767_600_000_000;
const writers = new Map();

const { SegmentWriter, nodeDisk } = await load({
  SegmentWriter: 'archive/spans/segment-writer.ts',
  nodeDisk: 'archive/disk/node-disk.ts',
});

if (process.argv.includes('--memory')) await measureMemory();
else await measureSpeed();

async function measureSpeed() {
  const { requests, bytes } = makePayload({ spans: Number(option('--spans', '100000')), library: 0.2 });
  const records = requests.map((request, index) => ({ position: index + 1, at: AT, bytes: request }));
  const ways = CODECS.map((codec) => ({ name: codec, run: (root) => bySegmentWriter(codec, root, records) }));
  const root = mkdtempSync(join(tmpdir(), 'fluo-bench-'));
  // The first one also gives the rows for DuckDB.
  const { spans } = await bySegmentWriter('snappy', join(root, 'snappy'), records);
  const duckdb = await openDuckDb(join(root, 'snappy'));
  ways.push({ name: 'DuckDB', run: (folder) => byDuckDb(duckdb, folder) });
  process.stdout.write(
    `${spans} spans in ${requests.length} requests of ${Math.round(bytes / spans)} bytes a span\n`,
  );
  const runs = new Map();
  for (let run = 0; run < Number(option('--runs', '5')); run++) {
    for (const way of ways) {
      const folder = join(root, way.name);
      try {
        const before = process.cpuUsage();
        const started = performance.now();
        const written = await way.run(folder);
        const wall = performance.now() - started;
        const { user, system } = process.cpuUsage(before);
        const results = runs.get(way.name) ?? { cpu: [], wall: [], bytes: 0 };
        results.cpu.push((user + system) / spans);
        results.wall.push((wall * 1000) / spans);
        results.bytes = written.bytes / spans;
        runs.set(way.name, results);
      } catch (error) {
        if (!/zstd/.test(error.message)) throw error;
        if (run === 0) process.stdout.write(`zstd: ${error.message} (from 22.15 on)\n`);
      }
    }
  }
  rmSync(root, { recursive: true });
  const theirs = median(runs.get('DuckDB').cpu);
  for (const [name, { cpu, wall, bytes: size }] of runs) {
    const micros = median(cpu);
    process.stdout.write(
      `${name.padEnd(7)} ${micros.toFixed(2)} µs of processor a span (${Math.round(1000 / micros)} thousand a second), ` +
        `${Math.round(1000 / median(wall))} thousand a second by the clock, ${size.toFixed(0)} bytes a span, ` +
        `${(theirs / micros).toFixed(1)} times DuckDB\n`,
    );
  }
}

async function bySegmentWriter(codec, root, records) {
  // One writer for all runs, as the server has; each run writes over the files of the last one.
  const writer = writers.get(codec) ?? new SegmentWriter({ disk: nodeDisk(), root, codec });
  writers.set(codec, writer);
  const { spans, files } = await writer.write(1, records);
  return { spans, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
}

/** Rows as arrays of values, columns by type. */
async function openDuckDb(root) {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const from = `read_parquet('${root}/spans/*/*/*.parquet', hive_partitioning = false)`;
  await connection.run(`CREATE TABLE empty AS SELECT * FROM ${from} LIMIT 0`);
  const reader = await connection.runAndReadAll(`SELECT * FROM ${from}`);
  return { connection, types: reader.columnTypes().map(String), rows: reader.getRows() };
}

async function byDuckDb({ connection, types, rows }, folder) {
  await connection.run('CREATE OR REPLACE TABLE spans AS SELECT * FROM empty');
  const appender = await connection.createAppender('spans');
  for (const row of rows) {
    for (let column = 0; column < row.length; column++) {
      const value = row[column];
      switch (types[column]) {
        case 'VARCHAR':
          appender.appendVarchar(value);
          break;
        case 'BIGINT':
          appender.appendBigInt(value);
          break;
        case 'INTEGER':
          appender.appendInteger(value);
          break;
        default:
          appender.appendTimestampTZ(value);
      }
    }
    appender.endRow();
  }
  appender.closeSync();
  mkdirSync(folder, { recursive: true });
  await connection.run(`COPY spans TO '${folder}/spans.parquet' (FORMAT parquet, COMPRESSION snappy)`);
  return { bytes: statSync(`${folder}/spans.parquet`).size };
}

async function measureMemory() {
  const root = mkdtempSync(join(tmpdir(), 'fluo-bench-'));
  const writer = new SegmentWriter({ disk: nodeDisk(), root });
  const segments = Number(option('--segments', '100'));
  for (let segment = 1; segment <= segments; segment++) {
    const { requests } = makePayload({ spans: 50_000, seed: 1 + (segment % 4) });
    await writer.write(
      segment,
      requests.map((bytes, index) => ({ position: segment * 1000 + index, at: AT, bytes })),
    );
    rmSync(join(root, 'spans'), { recursive: true });
    if (segment % 10 !== 0 && segment !== 1) continue;
    globalThis.gc?.();
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    const mib = (value) => `${(value / 2 ** 20).toFixed(0)} MiB`;
    process.stdout.write(
      `after ${segment} segments: resident ${mib(rss)}, heap ${mib(heapUsed)}, buffers ${mib(arrayBuffers)}\n`,
    );
  }
  rmSync(root, { recursive: true });
}
