/** Whether the data folder can be written, has room, and syncs quickly. */
import { humanBytes } from '../../base/bytes.ts';
import { folderProblem } from '../../server/lock.ts';
import { type Finding, problem } from './finding.ts';
import type { Machine } from './machine.ts';

const GIB = 1024 ** 3;
/** Less room than this is a problem, whatever the size of the disk. */
const SCARCE_BYTES = GIB;
const SLOW_SYNC_MS = 100;

export async function checkDisk(machine: Machine, folder: string, shown: string): Promise<Finding> {
  const place = await machine.nearestFolder(folder);
  try {
    const { free, total } = await machine.room(place);
    const times = [...(await machine.syncTimes(place))].sort((a, b) => a - b);
    const median = times[Math.floor(times.length / 2)] ?? 0;
    const text = `${shown}: ${humanBytes(free)} free of ${humanBytes(total)}, a sync takes ${milliseconds(median)}`;
    const problems = [];
    if (free < SCARCE_BYTES) {
      problems.push(
        problem(
          'FL809',
          free < SCARCE_BYTES / 8 ? 'error' : 'warning',
          `the disk of \`${shown}\` has ${humanBytes(free)} left`,
          'make room, shorten `archive.retention`, or set `archive.max_bytes` in `fluo.yaml`',
        ),
      );
    }
    if (median > SLOW_SYNC_MS) {
      problems.push(
        problem(
          'FL810',
          'warning',
          `a sync of the disk of \`${shown}\` takes ${milliseconds(median)}: each answer to a client waits for one`,
          'put the data folder on a local disk, with `data:` in `fluo.yaml` or `--data`',
        ),
      );
    }
    return { subject: 'disk', text, problems };
  } catch (error) {
    return { subject: 'disk', text: shown, problems: [folderProblem(shown, error)] };
  }
}

function milliseconds(value: number): string {
  return `${value < 10 ? Number(value.toFixed(2)) : Math.round(value)} ms`;
}
