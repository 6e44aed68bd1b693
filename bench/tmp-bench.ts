import { burst } from '/work/main/bench/drop-in/burst.ts'
import { sequential } from '/work/main/bench/drop-in/sequential.ts'
import subject from '/work/main/bench/drop-in/subjects/pg.ts'

const med = (a: number[]) => a.sort((x, y) => x - y)[a.length >> 1]
const t = await sequential(subject, { rounds: 21, bursts: 5 })
console.log(
  subject.sequential.ways
    .map((w, i) => `${w.name}: ${med([...t[i]!])?.toFixed(4)} ${med(t[i]!.map((x, k) => x / t[0]![k]!))?.toFixed(3)}`)
    .join('\n'),
)
const b = await burst(subject, { rounds: 3, bursts: 5 })
console.log(
  subject.burst!.ways.map((w, i) => `${w.name}: ${med([...b.times[i]!])?.toFixed(1)} ${b.succeeded[i]}`).join('\n'),
)
