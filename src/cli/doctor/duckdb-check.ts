/** Whether DuckDB, an optional dependency, is there for the archive. */
import { DUCKDB_MISSING } from '../../archive/duckdb.ts';
import { type Finding, problem, well } from './finding.ts';
import type { Machine } from './machine.ts';

export function checkDuckDb(machine: Machine): Finding[] {
  if (machine.hasDuckDb()) return [well('DuckDB', 'is installed')];
  const { code, message, help } = DUCKDB_MISSING;
  return [
    { subject: 'DuckDB', text: 'is not installed', problems: [problem(code, 'warning', message, help)] },
  ];
}
