/** Counters and histograms in the text format of Prometheus. */
export interface Metrics {
  count(name: CounterName, labels: Labels): void;
  observe(name: HistogramName, labels: Labels, seconds: number): void;
  /** `gauges` are read at this moment. */
  render(gauges: Readonly<Record<string, { readonly help: string; readonly value: number }>>): string;
}

type Labels = Readonly<Record<string, string>>;
type CounterName = keyof typeof counters;
type HistogramName = keyof typeof histograms;

const counters = {
  datastorage_audit_traces_total: 'Audit records written, by service and status',
  datastorage_validation_failures_total: 'Requests refused, by field and reason',
  bundles_catalog_requests_total: 'Requests answered, by route and status',
} as const;
const histograms = {
  datastorage_audit_lag_seconds: 'Time from an event to its being written',
  datastorage_write_duration_seconds: 'Time a write to the database takes, by table',
  bundles_catalog_request_duration_seconds: 'Time an answer takes, by route',
} as const;
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

interface Series {
  readonly counts: number[];
  sum: number;
  count: number;
}

export function createMetrics(): Metrics {
  const counted = new Map<CounterName, Map<string, number>>();
  const observed = new Map<HistogramName, Map<string, Series>>();
  return {
    count(name, labels) {
      const series = at(counted, name, () => new Map<string, number>());
      const key = formatLabels(labels);
      series.set(key, (series.get(key) ?? 0) + 1);
    },
    observe(name, labels, seconds) {
      const all = at(observed, name, () => new Map<string, Series>());
      const series = at(all, formatLabels(labels), () => ({
        counts: buckets.map(() => 0),
        sum: 0,
        count: 0,
      }));
      buckets.forEach((bound, index) => {
        if (seconds <= bound) series.counts[index] = (series.counts[index] ?? 0) + 1;
      });
      series.sum += seconds;
      series.count++;
    },
    render(gauges) {
      const lines: string[] = [];
      for (const name of Object.keys(counters) as CounterName[]) {
        lines.push(`# HELP ${name} ${counters[name]}`, `# TYPE ${name} counter`);
        for (const [labels, value] of counted.get(name) ?? []) lines.push(`${name}{${labels}} ${value}`);
      }
      for (const name of Object.keys(histograms) as HistogramName[]) {
        lines.push(`# HELP ${name} ${histograms[name]}`, `# TYPE ${name} histogram`);
        for (const [labels, series] of observed.get(name) ?? [])
          lines.push(...histogramLines(name, labels, series));
      }
      for (const [name, { help, value }] of Object.entries(gauges)) {
        lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`);
      }
      return `${lines.join('\n')}\n`;
    },
  };
}

function histogramLines(name: string, labels: string, { counts, sum, count }: Series): string[] {
  return [
    ...buckets.map((bound, index) => `${name}_bucket{${labels},le="${bound}"} ${counts[index]}`),
    `${name}_bucket{${labels},le="+Inf"} ${count}`,
    `${name}_sum{${labels}} ${sum}`,
    `${name}_count{${labels}} ${count}`,
  ];
}

function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(
      ([name, value]) =>
        `${name}="${value.replace(/[\\"\n]/g, (mark) => (mark === '\n' ? '\\n' : `\\${mark}`))}"`,
    )
    .join();
}

function at<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
