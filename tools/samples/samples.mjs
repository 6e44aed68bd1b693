// Type checks and runs every `ts` sample of the README, the docs and the packages' READMEs, each as a program of its own.
// Where a sample says `// prints …`, it must print just these lines, in their order.
// The ports 7001, 7002 and 7003 that samples use are replaced by those of servers started here, which greet as the line
// servers of the testkit do; 50051, 50052 and 50053 by those of the gRPC servers of `examples/grpc-failover`, whose
// `greeter.ts` stands beside the samples; 6379 and 6380 by those of a Redis and its replica, 5432 and 5433 by those of a
// PostgreSQL and its standby; 7000, on which balancers of samples listen, by a free one.
// Each `haproxy` sample is read by alacrity, which must have nothing to say against it.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { register } from 'tsx/esm/api'

register()
const { freePort, startLineServer, startPostgresPair, startRedisPair } = await import('@tourniquet/testkit')
const { readConfiguration } = await import('@tourniquet/alacrity')
const { startServers: startGreeters } = await import('../../examples/grpc-failover/servers.ts')

const root = resolve('../..')
const folder = resolve('.samples')
const greeter = ['greeter.ts', 'greeter.proto'].map((file) => join(root, 'examples/grpc-failover', file))
const bin = (tool) => join(root, 'node_modules', '.bin', tool)

const markdown = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true }).map((file) => join('docs', file)),
  ...readdirSync(join(root, 'packages')).map((name) => join('packages', name, 'README.md')),
].filter((file) => file.endsWith('.md'))

/** The samples of one file in one language, each with the line it begins at. */
function samplesOf(file, language) {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map((match) => {
    const line = text.slice(0, match.index).split('\n').length + 1
    return { name: `${file}:${line}`, code: match[1] }
  })
}

const samples = markdown.flatMap((file) => samplesOf(file, 'ts'))
const configurations = markdown.flatMap((file) => samplesOf(file, 'haproxy'))
if (samples.length === 0 || configurations.length === 0) throw new Error('no sample was found')

const names = ['A', 'B', 'C']
const servers = await Promise.all(names.map((name) => startLineServer({ name })))
const greeters = await startGreeters(names)
const redis = await startRedisPair()
const postgres = await startPostgresPair()
const ports = new Map([
  ...servers.map(({ port }, at) => [`700${at + 1}`, String(port)]),
  ...greeters.servers.map(({ target }, at) => [`5005${at + 1}`, target.split(':')[1]]),
  ['6379', String(redis.primary.port)],
  ['6380', String(redis.replica.port)],
  ['5432', String(postgres.primary.port)],
  ['5433', String(postgres.standby.port)],
  ['7000', String(await freePort())],
])
let failed = 0
try {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: relative(folder, join(root, 'tsconfig.base.json')), include: ['*.ts'] }),
  )
  for (const file of greeter) copyFileSync(file, join(folder, basename(file)))
  for (const [index, { name, code }] of samples.entries()) {
    const placed = code
      .replace(/\d+/g, (number) => ports.get(number) ?? number)
      // What is short for a reader is patient here: the machine may be busy, and no sample is about its end.
      .replace(/\b((?:attemptTimeout|deadline)Ms): [\d_]+/g, '$1: 20_000')
    writeFileSync(join(folder, `${index}.ts`), `// ${name}\n${placed}\nexport {}\n`)
  }
  failed += report('types', spawnSync(bin('tsc'), ['--noEmit', '-p', folder], { encoding: 'utf8' }))
  for (const [index, { name }] of samples.entries()) {
    const file = join(folder, `${index}.ts`)
    const result = spawnSync(process.execPath, ['--import', 'tsx', file], { encoding: 'utf8', timeout: 30_000 })
    failed += report(name, asPromised(result, readFileSync(file, 'utf8')))
  }
  for (const { name, code } of configurations) failed += report(name, readOf(code))
} finally {
  const others = [redis, postgres].map((each) => each[Symbol.asyncDispose]())
  await Promise.all([...servers.map((server) => server.stop()), greeters.stop(), ...others])
}
rmSync(folder, { recursive: true, force: true })
const counts = { numPassedTests: samples.length + configurations.length + 1 - failed, numFailedTests: failed }
writeFileSync('.report.json', JSON.stringify(counts))
process.exitCode = failed === 0 ? 0 : 1

/** The result, or a failure where what was printed is not what the sample says. */
function asPromised(result, code) {
  const promised = [...code.matchAll(/\/\/ prints (.*)$/gm)].map(([, line]) => line)
  const printed = result.stdout.trimEnd().split('\n')
  if (result.status !== 0 || promised.length === 0 || printed.join('\n') === promised.join('\n')) return result
  return { ...result, status: 1, stderr: `${result.stderr}\nexpected:\n${promised.join('\n')}\n` }
}

/** As a program that succeeds where alacrity takes a configuration without a warning. */
function readOf(code) {
  try {
    const { warnings } = readConfiguration(code, { file: 'sample' })
    return { status: warnings.length === 0 ? 0 : 1, stdout: '', stderr: JSON.stringify(warnings) }
  } catch (error) {
    return { status: 1, stdout: '', stderr: error.message }
  }
}

function report(name, { status, stdout, stderr, signal }) {
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`)
  if (status === 0) return 0
  console.log(`${stdout}${stderr}${signal ? `ended by ${signal}` : ''}`)
  return 1
}
