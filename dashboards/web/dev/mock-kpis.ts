// The KPIs of the simulated plants: definitions as the catalogue has them, and what a line draws a day.
import { create } from '@bufbuild/protobuf';
import type { KpiDefinition } from '../src/gen/yokoten/kpi/v1/kpi_pb';
import {
  Aggregation,
  Direction,
  Grain,
  IntervalKind,
  KpiDefinitionSchema,
  Level,
} from '../src/gen/yokoten/kpi/v1/kpi_pb';
import type { Chance } from './chance';
import type { PlantSpec } from './mock-plants';

export interface Spec {
  definition: KpiDefinition;
  // Day of one line: what happened, given chance, the day's index from the end and the plant.
  draw: (chance: Chance, age: number, plant: PlantSpec, line: number) => [number, number];
  green: number;
  yellow: number;
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

// What is counted per hours, operations or persons: too few cases say nothing, however large the base.
const counted = { interval: IntervalKind.GARWOOD, minN: 0, minExpected: 3 };
const injuries = {
  ...counted,
  board: 'S',
  pillar: 'JS',
  decimals: 2,
  direction: Direction.LOWER_IS_BETTER,
  defaultGrain: Grain.ROLLING_12_MONTHS,
  finestLevel: Level.PLANT,
};
const per200kHours = { factor: '200000', unitZh: '起/20万工时', unitEn: 'per 200,000 h' };

const rise = (age: number, over: number): number => Math.max(0, Math.min(1, 1 - age / over));

export const specs: readonly Spec[] = [
  {
    definition: kpi({
      id: 'trir',
      nameZh: '可记录事故率',
      nameEn: 'TRIR',
      ...injuries,
      ...per200kHours,
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
      ...injuries,
      ...per200kHours,
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
      ...injuries,
      factor: '1000000',
      unitZh: '起/百万工时',
      unitEn: 'per million h',
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
      ...per200kHours,
      direction: Direction.CONTEXT,
      ...counted,
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
      ...counted,
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
      ...counted,
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
