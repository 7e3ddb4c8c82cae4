// Chance that every run repeats: draws from a seed.

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
