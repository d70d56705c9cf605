/** All routes of the API. */
import type { VerdictSource } from '../../signal/verdict-window.ts';
import { indexRoute, type Route } from './router.ts';
import { type RuleServices, rulesRoute } from './rules-route.ts';
import { type SignalServices, signalRoutes } from './signal-routes.ts';
import { type StatusServices, statusRoute } from './status-route.ts';
import { verdictsRoute } from './verdicts-route.ts';

export interface ApiServices extends SignalServices, RuleServices, StatusServices {
  readonly verdicts: VerdictSource;
}

export function apiRoutes(services: ApiServices): readonly Route[] {
  const routes = [
    ...signalRoutes(services),
    verdictsRoute(services.verdicts, () => services.now()),
    rulesRoute(services),
    statusRoute(services),
  ];
  return [indexRoute('/api/v1', routes), ...routes];
}
