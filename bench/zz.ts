import { build } from './build'
import { instructions } from './callgrind'
import { peersNamed, BASELINE } from './peers'
import { workloadNamed } from './workloads'
async function main() { build(); const w = workloadNamed('lifecycle'); for (const p of peersNamed([BASELINE, 'flaskoa'])) console.log((p as any).name, await instructions(p as any, w, { warmup: 15000, requests: 4000, dumps: 3 } as any)) }
void main()
