/** The files that `fluo init` writes. A test runs the program on them: they load, pass, and are free of lints. */

export const CONFIGURATION = `# Settings of Fluo. All are optional; what is commented out is the default.
rules: [invariants/]
# environment: production    # of spans that do not name one
# clock_skew: 0s             # spans of different services nearer than this are in no known order
# sampling: false            # true where only a part of the traffic is recorded
`;

export const RULE_FILE = `version: 1
rules:
  # An invariant: what must hold in every trace. This one is an example; write down what your last incident taught.
  - id: charge-follows-reservation
    name: A charge follows its reservation
    severity: critical # critical | high | medium | low
    enforcement: soft-warning # hard-block | soft-warning | audit-only
    origin: incident:2026-01-20-charged-without-stock # why this rule exists
    condition: |
      when   { each payment.charge as charge }
      always { inventory.reserve.before(charge) }
`;

export const TEST_FILE = `rules: payment.yaml
tests:
  - name: reserved, then charged
    trace: |
      frontend/POST /checkout @0ms+900ms
        stock/inventory.reserve @20ms+60ms
        payment/payment.charge @120ms+80ms
    expect: { charge-follows-reservation: satisfied }

  - name: charged without a reservation
    trace: |
      frontend/POST /checkout @0ms+900ms
        payment/payment.charge @120ms+80ms
    expect: { charge-follows-reservation: violated }

  - name: reserved too late
    trace: |
      frontend/POST /checkout @0ms+900ms
        payment/payment.charge @20ms+80ms
        stock/inventory.reserve @120ms+60ms
    expect: { charge-follows-reservation: violated }

  - name: nothing is charged
    trace: |
      frontend/GET /products @0ms+90ms
    expect: { charge-follows-reservation: not_applicable }
`;

export const WORKFLOW = `name: Fluo
on:
  pull_request:
  push:
    branches: [main]

env:
  # Where Fluo is installed from: a tarball (made with \`npm pack\`, as a URL or as ./path/to/fluo-VERSION.tgz of this repository)
  # or a git address (git+https://...#COMMIT) that your team trusts. Set it as a variable of the repository:
  # Settings > Secrets and variables > Actions > Variables.
  # Not the plain name: on the npm registry, \`fluo\` is another program.
  FLUO_PACKAGE: \${{ vars.FLUO_PACKAGE }}

jobs:
  invariants:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - name: Install Fluo
        # In a folder of its own: the packages of this repository stay as they are.
        run: |
          npm install --prefix "$RUNNER_TEMP/fluo" "\${FLUO_PACKAGE:?set the repository variable FLUO_PACKAGE}"
          echo "$RUNNER_TEMP/fluo/node_modules/.bin" >> "$GITHUB_PATH"
      - name: Rules are in the standard form
        run: fluo fmt --check
      - name: Rules say what was meant
        run: fluo lint --format github
      - name: Rules pass their tests
        run: fluo test --format github
      # Judge the traces that your integration tests record (the Collector's file exporter writes them):
      # - name: Traces keep the invariants
      #   run: fluo check --strict --format github --format markdown="$GITHUB_STEP_SUMMARY" traces/
`;

/** The wording is the guide's. */
export const CHECKLIST = `## Checklist
- [ ] Tests added (TDD)
- [ ] Invariants defined (IDD) - if applicable
- [ ] Span instrumentation added (if new critical path)
- [ ] FLUO DSL documented in \`docs/invariants/\`
`;

export const PULL_REQUEST_TEMPLATE = `## What changes, and why



${CHECKLIST}`;
