import { type Browser, launch, type Page } from 'puppeteer-core'
import { findProgram } from '../../../testkit/src/install/find-program.ts'
import { needProgram } from '../../../testkit/src/install/need-program.ts'

/** The windows that a page is looked at in. */
export const sizes: Readonly<Record<'phone' | 'desktop', { readonly width: number; readonly height: number }>> = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1440, height: 900 },
}

/** A real Chromium without a window, installed where it is missing. */
export async function startBrowser(): Promise<Browser> {
  const find = (): string | undefined => findProgram('chromium') ?? findProgram('google-chrome')
  const executablePath = await needProgram({
    program: 'chromium',
    find,
    debian: { name: 'chromium' },
    brew: 'chromium',
  })
  // Its sandbox does not work as root, and it calls home unless it is told not to.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking']
  return await launch({ executablePath, headless: true, args: [...args, '--hide-scrollbars'] })
}

/** What a page must not do: what is heard here fails a test. */
export interface Heard {
  readonly elsewhere: string[]
  readonly errors: string[]
}

export function listenTo(page: Page, origin: string): Heard {
  const heard: Heard = { elsewhere: [], errors: [] }
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('data:'))
      heard.elsewhere.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') heard.errors.push(message.text())
  })
  page.on('pageerror', (error) => heard.errors.push(String(error)))
  page.on('dialog', (dialog) => {
    heard.errors.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return heard
}
