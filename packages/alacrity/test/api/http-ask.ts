import { request as httpRequest } from 'node:http'

export interface Said {
  status: number
  headers: NodeJS.Dict<string | string[]>
  body: { [key: string]: unknown } | undefined
}

/** Asks a management API, with the token `s3cret` and a JSON body unless `headers` say otherwise. */
export function askApi(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Said> {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const json = text ? { 'content-type': 'application/json' } : {}
  return new Promise((resolve, reject) => {
    const sent = { authorization: 'Bearer s3cret', ...json, ...headers }
    const asked = httpRequest(url, { method, headers: sent, agent: false }, (response) => {
      let said = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        said += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: said ? JSON.parse(said) : undefined }),
      )
    })
    asked.on('error', reject)
    asked.end(text)
  })
}
