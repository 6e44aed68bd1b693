import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startCertificateAuthority } from '../src/index.ts'

const read = (file: string) => new X509Certificate(readFileSync(file))

test('it signs certificates for the hosts and addresses asked for, and nothing is left of it', async () => {
  const authority = await startCertificateAuthority()
  const ca = read(authority.ca)
  const plain = read((await authority.issue()).cert)
  const { cert, key } = await authority.issue({ name: 'db', hosts: ['db.example'], addresses: [], expired: true })
  const own = read(cert)
  expect(plain.verify(ca.publicKey)).toBe(true)
  expect([plain.checkHost('localhost'), plain.checkIP('127.0.0.1')]).toEqual(['localhost', '127.0.0.1'])
  expect([own.subject, own.checkHost('db.example'), own.checkHost('localhost')]).toEqual([
    'CN=db',
    'db.example',
    undefined,
  ])
  expect(Date.parse(own.validTo)).toBeLessThan(Date.now())
  expect(Date.parse(plain.validTo)).toBeGreaterThan(Date.now())
  expect(readFileSync(key, 'utf8')).toContain('PRIVATE KEY')
  authority[Symbol.dispose]()
  expect([authority.ca, cert, key].filter((file) => existsSync(file))).toEqual([])
})

test('a name of two lines is refused', async () => {
  using authority = await startCertificateAuthority()
  await expect(authority.issue({ name: 'a\nb' })).rejects.toThrow(/name must be/)
})
