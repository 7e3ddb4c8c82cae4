// The simulated plants. They differ on purpose: PL1 has trouble, PL2 is well, PL3 is young and small, PL4 lacks
// reports, PL5 has no targets, PL6 has no facts at all.

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
