import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '@tourniquet/testkit'
import { expect, test } from 'vitest'
import { ask, talk } from './api/ask.ts'
import { cli } from './parts/alacrity.ts'

test('who asks as soon as it can be asked is told of the configuration that is about to run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'alacrity-start-'))
  const [file, admin, page] = ['haproxy.cfg', 'admin.sock', 'page.sock'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const answers: Promise<string | undefined>[] = []
  try {
    // The data threads have enough to open to be seen at it.
    const binds = Array.from({ length: 200 }, (_, at) => `  bind unix@${folder}/l${at}.sock`).join('\n')
    writeFileSync(file, configuration(admin, page, binds))
    await using _alacrity = await startServer({
      command: process.execPath,
      args: ['--import', 'tsx', cli, '-f', file],
      ready: ({ output }) => {
        if (existsSync(admin)) answers.push(ask(admin, 'set weight l/a 50').catch(notYet))
        if (existsSync(page)) answers.push(talk(page, 'GET /metrics HTTP/1.0\r\n\r\n').catch(notYet))
        return / listens on /.test(output)
      },
    })
    const said = (await Promise.all(answers)).filter((answer) => answer !== undefined)
    const kinds = new Set(said.map((answer) => (answer.includes('server="a"') ? 'page' : answer)))
    expect([...kinds].sort()).toEqual(['\n', 'page'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** The file is there a moment before it is listened on. */
function notYet(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ECONNREFUSED') throw error
}

const configuration = (admin: string, page: string, binds: string) => `global
  stats socket ${admin} level admin
defaults
  timeout connect 1s
  timeout client 1s
  timeout server 1s
listen page
  mode http
  bind unix@${page}
  http-request use-service prometheus-exporter if { path /metrics }
listen l
  mode tcp
${binds}
  server a 127.0.0.1:9
`
