import { startRedis } from '@tourniquet/testkit'
import { it } from 'vitest'
it('x', async () => {
  for (let i = 0; i < 5; i++) { const t = performance.now(); { await using s = await startRedis(); console.log(s.url, performance.now() - t) } console.log(performance.now() - t) }
})
