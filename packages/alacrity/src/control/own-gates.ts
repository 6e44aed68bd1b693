import type { Gate, GateKeeper } from './gates.ts'

/** A gate that is open. */
export interface OpenGate<G extends Gate> {
  /** The same one, as another configuration has it. */
  update?(gate: G): void
  close(): void | Promise<void>
}

/** The gates that the control thread keeps itself: pages, runtime sockets. */
export class OwnGates<G extends Gate> implements GateKeeper<G> {
  readonly #tryOpen: (gate: G) => Promise<OpenGate<G>>
  #open: { readonly gate: G; readonly open: OpenGate<G> }[] = []

  /** @param tryOpen throws an Error that names the line, where it cannot be opened */
  constructor(tryOpen: (gate: G) => Promise<OpenGate<G>>) {
    this.#tryOpen = tryOpen
  }

  get gates(): readonly G[] {
    return this.#open.map(({ gate }) => gate)
  }

  async have(gates: readonly G[]): Promise<void> {
    const wanted = new Map(gates.map((gate) => [gate.key, gate]))
    const going = this.#open.filter(({ gate }) => !wanted.has(gate.key))
    this.#open = this.#open.filter((each) => !going.includes(each))
    await Promise.all(going.map(async ({ open }) => await open.close()))
    for (const gate of wanted.values()) {
      const at = this.#open.findIndex((each) => each.gate.key === gate.key)
      const open = this.#open[at]?.open
      if (open) {
        open.update?.(gate)
        this.#open[at] = { gate, open }
      } else this.#open.push({ gate, open: await this.#tryOpen(gate) })
    }
  }
}
