import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../archive/disk/memory-disk.ts';
import { openWriteAheadLog } from '../archive/wal/open-write-ahead-log.ts';
import { NameTable } from '../otlp/name-table.ts';
import { encodeRequest } from '../otlp/proto/encode-request.ts';
import { DEFAULT_SCAN_LIMITS } from '../otlp/proto/scan-limits.ts';
import { makeSpan } from '../trace/testing/make-span.ts';
import { type IntakeOptions, LogIntake } from './intake.ts';

const settled = async () => {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
};

async function prepared(parts: Partial<IntakeOptions> = {}) {
  const disk = new MemoryDisk();
  let release: (() => void) | null = null;
  const gate = { isShut: false, open: () => release?.() };
  disk.inject = ({ operation }) => {
    if (!gate.isShut || operation !== 'sync') return null;
    gate.isShut = false;
    return new Promise((resolve) => {
      release = () => resolve(null);
    });
  };
  const { log } = await openWriteAheadLog(
    disk,
    '/wal',
    { after: () => () => {}, onSealed: () => {} },
    { position: 1, sequence: 1 },
    () => {},
  );
  const seen: string[] = [];
  const turns: (() => void)[] = [];
  let time = 1_000;
  const intake = new LogIntake({
    wal: log,
    names: new NameTable(),
    limits: DEFAULT_SCAN_LIMITS,
    engine: {
      add(request, at, position) {
        seen.push(`${position}: ${request.count} at ${at}`);
        return [];
      },
      load: (_, at) => void seen.push(`rules at ${at}`),
      resume: (at) => void seen.push(`resume at ${at}`),
    },
    now: () => ++time,
    later: (callback) => turns.push(callback),
    after: () => () => {},
    processed: 0,
    onProcessed: () => {},
    onBug: (error) => {
      throw error;
    },
    ...parts,
  });
  const turn = () => {
    for (const callback of turns.splice(0)) callback();
  };
  return { disk, intake, seen, turn, gate };
}

const spanOf = (id: string) => makeSpan({ spanId: id.padStart(16, '0'), start: 1n, end: 2n });

const request = (count: number) => encodeRequest(Array.from({ length: count }, (_, i) => spanOf(`${i + 1}`)));

describe('the intake', () => {
  it('frees the bytes once: when the engine has seen them, or nobody will', async () => {
    const { intake, seen, turn, disk } = await prepared();
    const freed: string[] = [];
    const send = (name: string, bytes: Uint8Array) =>
      intake.export(bytes, 'grpc', () => void freed.push(`${name} after ${seen.length}`));
    expect(await send('early', request(1))).toMatchObject({ kind: 'unavailable' });
    await intake.start([], 0);
    turn();
    const before = seen.length;
    await send('spans', request(1));
    await send('malformed', Uint8Array.of(0x0a, 0x7f));
    await send('empty', new Uint8Array(0));
    disk.inject = ({ operation }) => (operation === 'sync' ? { fault: 'failed' } : null);
    expect(await send('refused', request(1))).toMatchObject({ kind: 'unavailable' });
    expect(freed).toEqual([
      'early after 0',
      `malformed after ${before}`,
      `empty after ${before}`,
      `refused after ${before}`,
    ]);
    turn();
    expect(freed.slice(4)).toEqual([`spans after ${before + 1}`]);
  });

  it('answers when the request is synced, and not when the engine has seen it', async () => {
    const { intake, seen, turn } = await prepared();
    await intake.start([], 0);
    expect(await intake.export(request(2))).toEqual({ kind: 'accepted', rejectedSpans: 0, message: '' });
    expect(seen).toEqual([]);
    turn();
    expect(seen).toEqual(['resume at 1001', 'rules at 1002', '3: 2 at 1003']);
    expect(intake.processed).toBe(3);
  });

  it('does not answer before the sync, and keeps the time of the engine behind what is on its way', async () => {
    const { intake, seen, turn, gate } = await prepared();
    expect(intake.horizon()).toBe(Number.NEGATIVE_INFINITY);
    await intake.start([], 0);
    turn();
    expect(intake.horizon()).toBe(Number.POSITIVE_INFINITY);
    gate.isShut = true;
    let answers = 0;
    const both = [request(1), request(2)].map((bytes) => intake.export(bytes).then(() => answers++));
    await settled();
    turn();
    expect({ answers, seen: seen.length, horizon: intake.horizon() }).toEqual({
      answers: 0,
      seen: 2,
      horizon: 1003,
    });
    gate.open();
    await Promise.all(both);
    turn();
    expect(seen.slice(2)).toEqual(['3: 1 at 1003', '4: 2 at 1004']);
    expect(intake.horizon()).toBe(Number.POSITIVE_INFINITY);
  });

  it('takes nothing of what is no request, and no log for what is empty', async () => {
    const { intake, seen, turn, disk } = await prepared();
    await intake.start([], 0);
    const { calls } = disk;
    expect(await intake.export(Uint8Array.of(0x0a, 0x7f))).toMatchObject({ kind: 'malformed' });
    expect(await intake.export(new Uint8Array(0))).toEqual({
      kind: 'accepted',
      rejectedSpans: 0,
      message: '',
    });
    expect(disk.calls).toBe(calls);
    turn();
    expect(seen).toHaveLength(2);
  });

  it('leaves out spans with faults, and says which', async () => {
    const { intake } = await prepared();
    await intake.start([], 0);
    const bytes = encodeRequest([spanOf('1'), spanOf('0')]);
    const outcome = await intake.export(bytes);
    expect(outcome).toMatchObject({ kind: 'accepted', rejectedSpans: 1 });
    expect((outcome as { message: string }).message).toContain('a span was left out');
  });

  it('buffers before it sheds, and sheds what is beyond the bound', async () => {
    const bytes = request(20);
    const { intake, gate, turn } = await prepared({ waitingBytes: bytes.length * 3 });
    await intake.start([], 0);
    turn();
    gate.isShut = true;
    const taken = [1, 2, 3].map(() => intake.export(request(20)));
    await settled();
    expect(await intake.export(request(20))).toMatchObject({ kind: 'overloaded', retryAfterMs: 1_000 });
    expect(intake.admit(1)).toMatchObject({ kind: 'overloaded' });
    gate.open();
    expect((await Promise.all(taken)).map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
    // Those that wait for the engine count as well.
    expect(intake.admit(bytes.length)).toMatchObject({ kind: 'overloaded' });
    turn();
    expect(intake.admit(bytes.length)).toBeNull();
    expect(intake.waitingBytes).toBe(0);
  });

  it('refuses before its start and after its end, and ends when the engine has seen all', async () => {
    const { intake, turn, seen } = await prepared();
    expect(await intake.export(request(1))).toMatchObject({ kind: 'unavailable' });
    await intake.start([], 0);
    await intake.export(request(1));
    let isClosed = false;
    const closed = intake.close().then(() => {
      isClosed = true;
    });
    await settled();
    expect(isClosed).toBe(false);
    expect(await intake.export(request(1))).toMatchObject({ kind: 'unavailable' });
    turn();
    await closed;
    expect(seen).toHaveLength(3);
  });
});
