/**
 * The failures that can be switched on while the shop runs. Each is a bug as teams really ship them; none of them logs an error or
 * answers anything but 200. `service` is the process that has the bug, `rule` the rule of the library that it breaks.
 */
export const SWITCHES = [
  {
    id: 'payment-without-reservation',
    title: 'Stock is slow, and a fallback charges without a reservation',
    service: 'checkout',
    rule: 'payment-requires-inventory',
  },
  {
    id: 'double-click',
    title: 'The check for a second click on "Pay" was lost in a clean-up: two traces, one cart',
    service: 'frontend',
    rule: 'cart-charged-once',
  },
  {
    id: 'retry-with-new-intent',
    title: 'A declined card is tried again with a new payment intent',
    service: 'checkout',
    rule: 'payment-retry-reuses-intent',
  },
  {
    id: 'two-workers-one-intent',
    title: 'Two workers take the same message and charge the same intent',
    service: 'checkout',
    rule: 'payment-intent-charged-once',
  },
  {
    id: 'bulk-deactivation-without-audit',
    title: 'Accounts are deactivated in one statement, and the audit log has one entry for all',
    service: 'accounts',
    rule: 'bulk-deactivation-is-audited',
  },
  {
    id: 'cross-tenant-query',
    title: 'A pooled connection keeps the tenant of the request before',
    service: 'accounts',
    rule: 'request-reads-its-own-tenant',
  },
  {
    id: 'phi-without-audit',
    title: "A patient's record is read from a cache, which nobody logs",
    service: 'clinic',
    rule: 'phi-access-requires-audit-log',
  },
  {
    id: 'answer-without-moderation',
    title: 'Short answers of the assistant skip moderation to save time',
    service: 'assistant',
    rule: 'llm-output-requires-moderation',
  },
];

export const SWITCH_IDS = SWITCHES.map(({ id }) => id);
