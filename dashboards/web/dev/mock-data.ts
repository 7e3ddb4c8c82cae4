// Simulated figures for working on the pages without a server: seeded, so that every run shows the same. Development
// only; nothing here is ever built into the app. Plants differ on purpose: PL1 has trouble, PL2 is well, PL3 is
// young and
// small, PL4 lacks reports, PL5 has no targets, PL6 has no facts at all.
import { create } from '@bufbuild/protobuf';
import { addDays, addMonths, daysBetween, monthEnd, monthStart } from '../src/format/date';
import type { KpiValue, Target } from '../src/gen/yokoten/insight/v1/service_pb';
import { KpiStatus, KpiValueSchema, TargetSchema } from '../src/gen/yokoten/insight/v1/service_pb';
import type { KpiDefinition } from '../src/gen/yokoten/kpi/v1/kpi_pb';
import {
  Aggregation,
  Direction,
  Grain,
  IntervalKind,
  KpiDefinitionSchema,
  Level,
} from '../src/gen/yokoten/kpi/v1/kpi_pb';

export interface PlantSpec {
  id: string;
  zh: string;
  en: string;
  zone: string;
  country: string;
  workshops: number;
  linesEach: number;
  days: number;
  trouble: number;
  reports: number;
  targets: boolean;
}

export const plants: readonly PlantSpec[] = [
  {
    id: 'PL1',
    zh: '一号总装厂',
    en: 'Assembly plant 1',
    zone: 'Asia/Shanghai',
    country: 'CN',
    workshops: 3,
    linesEach: 3,
    days: 760,
    trouble: 1,
    reports: 0.995,
    targets: true,
  },
  {
    id: 'PL2',
    zh: '二号机加厂',
    en: 'Machining plant 2',
    zone: 'Asia/Shanghai',
    country: 'CN',
    workshops: 3,
    linesEach: 2,
    days: 760,
    trouble: 0,
    reports: 1,
    targets: true,
  },
  {
    id: 'PL3',
    zh: '三号试制厂',
    en: 'Prototype plant 3',
    zone: 'Europe/Berlin',
    country: 'DE',
    workshops: 1,
    linesEach: 2,
    days: 45,
    trouble: 0.3,
    reports: 1,
    targets: true,
  },
  {
    id: 'PL4',
    zh: '四号铸造厂',
    en: 'Foundry 4',
    zone: 'America/Mexico_City',
    country: 'MX',
    workshops: 2,
    linesEach: 3,
    days: 760,
    trouble: 0.6,
    reports: 0.86,
    targets: true,
  },
  {
    id: 'PL5',
    zh: '五号电子厂',
    en: 'Electronics plant 5',
    zone: 'Asia/Ho_Chi_Minh',
    country: 'VN',
    workshops: 2,
    linesEach: 2,
    days: 400,
    trouble: 0.2,
    reports: 1,
    targets: false,
  },
  {
    id: 'PL6',
    zh: '六号新建厂',
    en: 'New plant 6',
    zone: 'Asia/Shanghai',
    country: 'CN',
    workshops: 0,
    linesEach: 0,
    days: 0,
    trouble: 0,
    reports: 1,
    targets: false,
  },
];

interface Spec {
  definition: KpiDefinition;
  // Day of one line: what happened, given chance, the day's index from the end and the plant.
  draw: (chance: Chance, age: number, plant: PlantSpec, line: number) => [number, number];
  green: number;
  yellow: number;
}

export class Chance {
  private state: number;
  constructor(seed: string) {
    let hash = 2166136261;
    for (const char of seed) hash = Math.imul(hash ^ char.codePointAt(0)!, 16777619);
    this.state = hash >>> 0;
  }
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
  count(mean: number): number {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    let product = this.next();
    let n = 0;
    for (const limit = Math.exp(-mean); product > limit; ++n) product *= this.next();
    return n;
  }
  of(n: number, p: number): number {
    return Math.min(n, this.count(n * (1 - p)) > n ? 0 : n - Math.min(n, this.count(n * (1 - p))));
  }
}

type Init = Partial<Omit<KpiDefinition, '$typeName' | '$unknown' | 'reads'>> & { id: string; evidence: string[] };

function kpi(init: Init): KpiDefinition {
  return create(KpiDefinitionSchema, {
    factor: '100',
    unitZh: '%',
    unitEn: '%',
    decimals: 1,
    direction: Direction.HIGHER_IS_BETTER,
    version: 1,
    finestLevel: Level.LINE,
    numerator: Aggregation.SUM,
    denominator: Aggregation.SUM,
    interval: IntervalKind.WILSON,
    minN: 10,
    defaultGrain: Grain.MONTH,
    source: 'DOMAIN 3.1',
    pillar: 'JI',
    ...init,
    reads: init.evidence.map(event => ({ event })),
  });
}

const rise = (age: number, over: number): number => Math.max(0, Math.min(1, 1 - age / over));

export const specs: readonly Spec[] = [
  {
    definition: kpi({
      id: 'trir',
      nameZh: '可记录事故率',
      nameEn: 'TRIR',
      board: 'S',
      pillar: 'JS',
      factor: '200000',
      unitZh: '起/20万工时',
      unitEn: 'per 200,000 h',
      decimals: 2,
      direction: Direction.LOWER_IS_BETTER,
      interval: IntervalKind.GARWOOD,
      minN: 0,
      minExpected: 3,
      defaultGrain: Grain.ROLLING_12_MONTHS,
      finestLevel: Level.PLANT,
      formulaZh: '200000 ×（死亡 + 损失工时 + 限工调岗 + 其他可记录）÷ 工时',
      formulaEn: '200,000 × (deaths + days-away + restricted + other recordable cases) ÷ hours worked',
      pitfallsZh: '月度数值多半样本过少，请看 12 个月滚动值。',
      pitfallsEn: 'A single month nearly always holds too little; read the rolling 12 months.',
      source: 'OSHA 29 CFR 1904',
      evidence: ['safety.IncidentReported', 'safety.IncidentClassified', 'operations.HoursReported'],
    }),
    draw: (c, _age, p) => [c.count(0.0016 + 0.0024 * p.trouble), 232 + Math.round(8 * c.normal())],
    green: 1.2,
    yellow: 2,
  },
  {
    definition: kpi({
      id: 'dart_rate',
      nameZh: 'DART 率',
      nameEn: 'DART rate',
      board: 'S',
      pillar: 'JS',
      factor: '200000',
      unitZh: '起/20万工时',
      unitEn: 'per 200,000 h',
      decimals: 2,
      direction: Direction.LOWER_IS_BETTER,
      interval: IntervalKind.GARWOOD,
      minN: 0,
      minExpected: 3,
      defaultGrain: Grain.ROLLING_12_MONTHS,
      finestLevel: Level.PLANT,
      formulaZh: '200000 ×（损失工时 + 限工调岗）÷ 工时',
      formulaEn: '200,000 × (days-away + restricted cases) ÷ hours worked',
      pitfallsZh: '不含死亡。',
      pitfallsEn: 'Deaths are not included.',
      source: 'OSHA 29 CFR 1904',
      evidence: ['safety.IncidentClassified', 'operations.HoursReported'],
    }),
    draw: (c, _age, p) => [c.count(0.0007 + 0.001 * p.trouble), 232 + Math.round(8 * c.normal())],
    green: 0.8,
    yellow: 1.4,
  },
  {
    definition: kpi({
      id: 'ltifr',
      nameZh: '百万工时损失工时率',
      nameEn: 'LTIFR',
      board: 'S',
      pillar: 'JS',
      factor: '1000000',
      unitZh: '起/百万工时',
      unitEn: 'per million h',
      decimals: 2,
      direction: Direction.LOWER_IS_BETTER,
      interval: IntervalKind.GARWOOD,
      minN: 0,
      minExpected: 3,
      defaultGrain: Grain.ROLLING_12_MONTHS,
      finestLevel: Level.PLANT,
      formulaZh: '10⁶ ×（损失工时 + 死亡）÷ 工时',
      formulaEn: '10⁶ × (days-away cases + deaths) ÷ hours worked',
      pitfallsZh: '基数是 TRIR 的 5 倍。',
      pitfallsEn: 'Its base is five times that of TRIR.',
      source: 'ILO 16th ICLS',
      evidence: ['safety.IncidentClassified', 'operations.HoursReported'],
    }),
    draw: (c, _age, p) => [c.count(0.0004 + 0.0005 * p.trouble), 232 + Math.round(8 * c.normal())],
    green: 2.5,
    yellow: 5,
  },
  {
    definition: kpi({
      id: 'near_miss_rate',
      nameZh: '未遂报告率',
      nameEn: 'Near miss rate',
      board: 'S',
      pillar: 'JS',
      factor: '200000',
      unitZh: '起/20万工时',
      unitEn: 'per 200,000 h',
      direction: Direction.CONTEXT,
      interval: IntervalKind.GARWOOD,
      minN: 0,
      minExpected: 3,
      formulaZh: '200000 × 未遂事件数 ÷ 工时',
      formulaEn: '200,000 × near misses ÷ hours worked',
      pitfallsZh: '反映的是报告文化，多不等于坏。',
      pitfallsEn: 'It measures the culture of reporting; more is not worse.',
      evidence: ['safety.IncidentReported', 'operations.HoursReported'],
    }),
    draw: (c, age) => [c.count(0.011 + 0.006 * rise(age, 500)), 232],
    green: 0,
    yellow: 0,
  },
  {
    definition: kpi({
      id: 'hazard_on_time_closure',
      nameZh: '隐患按期整改率',
      nameEn: 'Hazard on-time closure',
      board: 'S',
      pillar: 'JS',
      formulaZh: '按首个期限前复查合格的隐患 ÷ 期内到期的隐患',
      formulaEn: 'Hazards checked effective by their first due date ÷ hazards due in the period',
      pitfallsZh: '改期不改首个期限。',
      pitfallsEn: 'Moving a due date does not move the first one.',
      evidence: ['safety.HazardIdentified', 'safety.CountermeasureDecided', 'safety.ResultChecked'],
    }),
    draw: (c, _age, p) => {
      const due = c.count(0.16);
      return [c.of(due, 0.94 - 0.1 * p.trouble), due];
    },
    green: 90,
    yellow: 80,
  },
  {
    definition: kpi({
      id: 'operation_error_rate',
      nameZh: '操作失误率',
      nameEn: 'Operation error rate',
      board: 'Q',
      factor: '1000',
      unitZh: '‰',
      unitEn: 'per 1,000 ops',
      decimals: 2,
      direction: Direction.LOWER_IS_BETTER,
      interval: IntervalKind.GARWOOD,
      minN: 0,
      minExpected: 3,
      defaultGrain: Grain.WEEK,
      formulaZh: '1000 × 与方法有关的失误 ÷ 操作次数',
      formulaEn: '1,000 × method-related errors ÷ operations',
      pitfallsZh: '训练后上报会增多（发现偏差）：请分站内与下游比较。',
      pitfallsEn: 'Reporting rises after training: compare in-station with downstream detection.',
      evidence: [
        'operations.OperationErrorRecorded',
        'operations.ErrorsAggregated',
        'operations.ShiftOutputReported',
      ],
    }),
    draw: (c, age, p, line) => {
      const operations = 900 + 60 * line + Math.round(40 * c.normal());
      const bump = p.trouble > 0.9 && age < 24 && line < 3 ? 1.75 : 1;
      return [c.count(operations * (0.0125 - 0.0045 * rise(age, 700)) * bump * (1 + 0.06 * c.normal())), operations];
    },
    green: 9,
    yellow: 11,
  },
  {
    definition: kpi({
      id: 'first_pass_yield',
      nameZh: '一次合格率',
      nameEn: 'First pass yield',
      board: 'Q',
      decimals: 2,
      defaultGrain: Grain.WEEK,
      formulaZh: '一次合格数 ÷ 检验数',
      formulaEn: 'Good first time ÷ inspected',
      pitfallsZh: '未检验则无分母。',
      pitfallsEn: 'Nothing inspected means no denominator.',
      source: 'ISO 22400-2',
      evidence: ['operations.ShiftOutputReported'],
    }),
    draw: (c, age, p) => {
      const seen = 300 + Math.round(15 * c.normal());
      return [c.of(seen, 0.958 + 0.022 * rise(age, 700) - 0.012 * p.trouble), seen];
    },
    green: 97,
    yellow: 95.5,
  },
  {
    definition: kpi({
      id: 'standard_work_coverage',
      nameZh: '标准作业覆盖率',
      nameEn: 'Standard work coverage',
      board: 'Q',
      numerator: Aggregation.LAST,
      denominator: Aggregation.LAST,
      formulaZh: '有生效版次的岗位 ÷ 需要标准作业的岗位（期末）',
      formulaEn: 'Jobs with an effective revision ÷ jobs that need standard work (at the end)',
      pitfallsZh: '新岗位会拉低，请同时看岗位数。',
      pitfallsEn: 'New jobs lower it: read the number of jobs beside it.',
      evidence: ['standard_work.JobRegistered', 'standard_work.RevisionReleased'],
    }),
    draw: (_c, age, p, line) => [
      Math.min(12, Math.round(5 + 6.6 * rise(age, 650) + (line % 2) * 0.6 - p.trouble)),
      12,
    ],
    green: 90,
    yellow: 80,
  },
  {
    definition: kpi({
      id: 'standard_currency',
      nameZh: '标准及时复审率',
      nameEn: 'Standard currency',
      board: 'Q',
      numerator: Aggregation.LAST,
      denominator: Aggregation.LAST,
      formulaZh: '在复审周期内的生效标准 ÷ 生效标准（期末）',
      formulaEn: 'Effective standards reviewed within their interval ÷ effective standards (at the end)',
      pitfallsZh: '未覆盖岗位不在分母。',
      pitfallsEn: 'Uncovered jobs are not in the denominator.',
      evidence: ['standard_work.RevisionReleased', 'standard_work.RevisionReviewed'],
    }),
    draw: (_c, age, p, line) => [
      Math.min(11, Math.round(9.6 + Math.sin((age + line * 37) / 60) * 0.9 - 0.5 * p.trouble)),
      11,
    ],
    green: 90,
    yellow: 80,
  },
  {
    definition: kpi({
      id: 'training_lag_after_revision',
      nameZh: '换版训练滞后 p90',
      nameEn: 'Training lag after revision (p90)',
      board: 'M',
      factor: '1',
      unitZh: '天',
      unitEn: 'd',
      decimals: 0,
      direction: Direction.LOWER_IS_BETTER,
      numerator: Aggregation.VALUES,
      denominator: Aggregation.VALUES,
      quantile: '0.5',
      interval: IntervalKind.UNSPECIFIED,
      minN: 5,
      finestLevel: Level.PLANT,
      hasLowerBound: true,
      formulaZh: '各版次 90% 人员完成训练所需天数的中位数',
      formulaEn: 'Median over revisions of the days until 90 % of the people were trained',
      pitfallsZh: '未达 90% 的版次只有下限。',
      pitfallsEn: 'A revision short of 90 % has only a lower bound.',
      evidence: ['standard_work.RevisionReleased', 'training.SessionCompleted'],
    }),
    draw: (c, age, p) => [Math.round(11 + 9 * (1 - rise(age, 600)) + 5 * p.trouble + 2 * c.normal()), 1],
    green: 14,
    yellow: 21,
  },
  {
    definition: kpi({
      id: 'adoption_rate',
      nameZh: '采纳率',
      nameEn: 'Adoption rate',
      board: 'C',
      pillar: 'JM',
      formulaZh: '批准 ÷（批准 + 驳回），按决定日期',
      formulaEn: 'Approved ÷ (approved + rejected), by date of decision',
      pitfallsZh: '暂缓不计入。',
      pitfallsEn: 'Deferred proposals are left out.',
      evidence: ['improvement.ProposalApproved', 'improvement.ProposalRejected'],
    }),
    draw: (c, age) => {
      const n = c.count(0.28);
      return [c.of(n, 0.58 + 0.14 * rise(age, 600)), n];
    },
    green: 60,
    yellow: 45,
  },
  {
    definition: kpi({
      id: 'trained_on_current_revision',
      nameZh: '现行版次训练达成率',
      nameEn: 'Trained on current revision',
      board: 'M',
      numerator: Aggregation.LAST,
      denominator: Aggregation.LAST,
      defaultGrain: Grain.WEEK,
      formulaZh: '已按生效版次训练的（人，岗位） ÷ 应训练的（人，岗位）（期末）',
      formulaEn: '(person, job) pairs trained on the effective revision ÷ pairs that need it (at the end)',
      pitfallsZh: '换版当日必然下降，14 天为宽限期。',
      pitfallsEn: 'It drops by design on the day of a release; 14 days are grace.',
      evidence: ['training.SessionCompleted', 'standard_work.RevisionReleased', 'operations.RosterPublished'],
    }),
    draw: (_c, age, p, line) => {
      const since = (age + line * 41) % 120;
      const catchUp = Math.min(1, since === 0 ? 0.2 : (120 - since) / 30 + 0.35);
      return [
        Math.round(
          84 *
            Math.min(
              1,
              0.62 + 0.3 * rise(age, 700) + 0.08 * Math.min(1, catchUp) - 0.11 * p.trouble * (age < 90 ? 1 : 0.2),
            ),
        ),
        84,
      ];
    },
    green: 90,
    yellow: 80,
  },
  {
    definition: kpi({
      id: 'proposals_per_employee',
      nameZh: '人均提案件数',
      nameEn: 'Proposals per employee',
      board: 'M',
      pillar: 'JM',
      factor: '1',
      unitZh: '件/人·月',
      unitEn: 'per person-month',
      decimals: 2,
      denominator: Aggregation.MEAN_OF_DAYS,
      interval: IntervalKind.GARWOOD,
      minN: 10,
      formulaZh: '提案件数 ÷ 平均在册人数',
      formulaEn: 'Proposals handed in ÷ average headcount',
      pitfallsZh: '防止凑数：与采纳率一起看。',
      pitfallsEn: 'Quotas are gamed: read it together with adoption.',
      evidence: ['improvement.ProposalSubmitted', 'operations.RosterPublished'],
    }),
    draw: (c, age) => [c.count(0.32 + 0.22 * rise(age, 700)), 29],
    green: 0.4,
    yellow: 0.25,
  },
  {
    definition: kpi({
      id: 'data_completeness',
      nameZh: '数据完整率',
      nameEn: 'Data completeness',
      board: '',
      pillar: 'data',
      defaultGrain: Grain.WEEK,
      formulaZh: '收到的报表 ÷ 应收的报表',
      formulaEn: 'Reports received ÷ reports expected',
      pitfallsZh: '它决定其他指标是否为暂定。',
      pitfallsEn: 'It decides whether other figures are provisional.',
      evidence: ['operations.FeedExpected'],
    }),
    draw: (c, age, p) => [c.of(3, age < 20 ? p.reports : 0.998), 3],
    green: 98,
    yellow: 95,
  },
];

const wilson = (x: number, n: number): [number, number] => {
  const z = 1.959964;
  const p = x / n;
  const mid = p + (z * z) / (2 * n);
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, (mid - half) / (1 + (z * z) / n)), Math.min(1, (mid + half) / (1 + (z * z) / n))];
};
// Chi-square quantiles by Wilson and Hilferty: near enough for a picture.
const chi = (z: number, df: number): number =>
  df <= 0 ? 0 : df * Math.max(0, 1 - 2 / (9 * df) + z * Math.sqrt(2 / (9 * df))) ** 3;
const garwood = (x: number): [number, number] => [
  x === 0 ? 0 : chi(-1.959964, 2 * x) / 2,
  chi(1.959964, 2 * x + 2) / 2,
];

export interface Unit {
  id: string;
  level: 'workshop' | 'line';
  parent: string;
  zh: string;
  en: string;
}

export function todayIn(zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(Date.now());
}

interface LineData {
  workshop: string;
  line: string;
  // Newest first: [age] -> numerator, denominator per KPI.
  cells: Map<string, [number, number][]>;
}

export class MockPlant {
  readonly units: Unit[] = [];
  private readonly lines: LineData[] = [];
  constructor(readonly spec: PlantSpec) {
    const zhShops = ['总装车间', '机加车间', '涂装车间'];
    const enShops = ['Assembly shop', 'Machine shop', 'Paint shop'];
    let number = 0;
    for (let w = 1; w <= spec.workshops; ++w) {
      this.units.push({ id: `W${w}`, level: 'workshop', parent: spec.id, zh: zhShops[w - 1]!, en: enShops[w - 1]! });
      for (let l = 0; l < spec.linesEach; ++l) {
        ++number;
        const line = `L${number}`;
        this.units.push({ id: line, level: 'line', parent: `W${w}`, zh: `${number} 号线`, en: `Line ${number}` });
        const cells = new Map<string, [number, number][]>();
        for (const one of specs) {
          const chance = new Chance(`${spec.id} ${line} ${one.definition.id}`);
          const drawn: [number, number][] = [];
          for (let age = spec.days - 1; age >= 0; --age) drawn[age] = one.draw(chance, age, spec, number);
          cells.set(one.definition.id, drawn);
        }
        this.lines.push({ workshop: `W${w}`, line, cells });
      }
    }
  }

  private known: { until: number; day: string } = { until: 0, day: '' };
  get today(): string {
    if (Date.now() > this.known.until) this.known = { until: Date.now() + 1000, day: todayIn(this.spec.zone) };
    return this.known.day;
  }
  get firstDay(): string {
    return this.spec.days ? addDays(this.today, 1 - this.spec.days) : '';
  }

  bump(kpiId: string, by: number): void {
    const cell = this.lines[0]?.cells.get(kpiId)?.[0];
    if (cell) cell[0] += by;
  }

  private matching(workshop: string, line: string): LineData[] {
    return this.lines.filter(one => (!workshop || one.workshop === workshop) && (!line || one.line === line));
  }

  // Numerator and denominator of the day `age` days ago over a unit's lines.
  private day(kpiId: string, lines: LineData[], age: number): [number, number] {
    const sums: [number, number] = [0, 0];
    for (const line of lines) {
      const [num, den] = line.cells.get(kpiId)![age]!;
      sums[0] += num;
      sums[1] += den;
    }
    return sums;
  }

  value(spec: Spec, workshop: string, line: string, start: string, end: string): KpiValue {
    const { definition } = spec;
    const lines = this.matching(workshop, line);
    const factor = Number(definition.factor);
    const days: [number, number][] = [];
    const newest = Math.max(0, daysBetween(end, this.today));
    for (let age = Math.min(this.spec.days - 1, daysBetween(start, this.today)); age >= newest; --age) {
      days.push(this.day(definition.id, lines, age));
    }
    const result = create(KpiValueSchema, { periodStart: start, periodEnd: end, status: KpiStatus.NO_DENOMINATOR });
    if (days.length === 0 || lines.length === 0) return result;
    const open = end >= this.today;
    let num: number;
    let den: number;
    if (definition.numerator === Aggregation.VALUES) {
      const values = days
        .filter((_, index) => index % 5 === 0)
        .map(([value]) => value / lines.length)
        .sort((a, b) => a - b);
      result.n = BigInt(values.length);
      if (open && this.spec.trouble > 0.9) {
        result.status = KpiStatus.OPEN;
        result.lowerBound = 23;
        return result;
      }
      num = Math.round(values[Math.floor(values.length / 2)]!);
      den = 1;
    } else {
      num = definition.numerator === Aggregation.LAST ? days.at(-1)![0] : days.reduce((sum, [n]) => sum + n, 0);
      const dens = days.map(([, d]) => d);
      const total = dens.reduce((sum, d) => sum + d, 0);
      den =
        definition.denominator === Aggregation.LAST
          ? dens.at(-1)!
          : definition.denominator === Aggregation.MEAN_OF_DAYS
            ? total / dens.length
            : total;
      result.n = BigInt(Math.round(den));
    }
    result.numerator = String(num);
    result.denominator = String(Math.round(den * 100) / 100);
    if (den === 0) return result;
    result.value = (factor * num) / den;
    if (definition.interval === IntervalKind.WILSON)
      [result.ciLow, result.ciHigh] = wilson(num, den).map(p => p * factor) as [number, number];
    if (definition.interval === IntervalKind.GARWOOD)
      [result.ciLow, result.ciHigh] = garwood(num).map(x => (x * factor) / den) as [number, number];
    const few =
      definition.interval === IntervalKind.GARWOOD
        ? definition.minExpected > 0 && num < definition.minExpected
        : den < definition.minN && definition.numerator !== Aggregation.VALUES;
    result.completeness = daysBetween(end, this.today) < 20 ? this.spec.reports : 1;
    result.status = few
      ? KpiStatus.INSUFFICIENT
      : open || result.completeness < 0.95
        ? KpiStatus.PROVISIONAL
        : KpiStatus.OK;
    return result;
  }

  target(spec: Spec): Target | undefined {
    if (!this.spec.targets || spec.definition.direction === Direction.CONTEXT) return undefined;
    return create(TargetSchema, { green: spec.green, yellow: spec.yellow, validFrom: this.firstDay });
  }
}

// First and last day of the period of `grain` that holds `day`, moved by `by` periods.
export function period(grain: Grain, day: string, by = 0): [string, string] {
  switch (grain) {
    case Grain.WEEK: {
      const monday = addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7) + 7 * by);
      return [monday, addDays(monday, 6)];
    }
    case Grain.MONTH: {
      const first = addMonths(monthStart(day), by);
      return [first, monthEnd(first)];
    }
    case Grain.QUARTER: {
      const month = Number(day.slice(5, 7));
      const first = addMonths(`${day.slice(0, 4)}-${String(month - ((month - 1) % 3)).padStart(2, '0')}-01`, 3 * by);
      return [first, monthEnd(addMonths(first, 2))];
    }
    case Grain.YEAR: {
      const year = Number(day.slice(0, 4)) + by;
      return [`${year}-01-01`, `${year}-12-31`];
    }
    case Grain.ROLLING_12_MONTHS: {
      const last = addMonths(monthStart(day), by);
      return [addMonths(last, -11), monthEnd(last)];
    }
    default:
      return [addDays(day, by), addDays(day, by)];
  }
}
